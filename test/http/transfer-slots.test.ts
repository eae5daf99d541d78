import { expect } from 'chai'
import fc from 'fast-check'
import { TransferSlots } from '../../server/http/transfer-slots.ts'

/** How many one address gets in a row. */
function takeAll(slots: TransferSlots, address: string): (() => void)[] {
  const taken: (() => void)[] = []
  for (;;) {
    const giveBack = slots.tryTake({ address })
    if (giveBack === undefined) return taken
    taken.push(giveBack)
  }
}

describe('the slots of transfers', () => {
  it('are four fifths for one address alone, and never all where there are several', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 500 }), (most) => {
        const slots = new TransferSlots(most)
        const taken = takeAll(slots, 'one').length
        expect(taken).to.be.within(Math.floor(0.8 * most), Math.ceil(0.8 * most) + 1)
        expect(slots.tryTake({ address: 'another' })).to.not.equal(undefined)
      }),
    )
  })

  it('are as many as there are where there is one or two, whoever comes', () => {
    for (const most of [1, 2]) {
      const slots = new TransferSlots(most)
      expect(takeAll(slots, 'one')).to.have.length(most)
      expect(slots.tryTake({ address: 'another' })).to.equal(undefined)
    }
  })

  it('are four fifths for one token, from however many addresses it is used', () => {
    const slots = new TransferSlots(100)
    const given = Array.from({ length: 100 }, (_, n) =>
      slots.tryTake({ address: `address-${n}`, token: 'ci' }),
    )
    expect(given.filter((each) => each !== undefined)).to.have.length(80)
    expect(slots.tryTake({ address: 'address-99', token: 'ci' })).to.equal(undefined)
    const other = slots.tryTake({ address: 'address-99', token: 'bot' })
    expect(other).to.not.equal(undefined)
    for (const giveBack of [...given, other]) giveBack?.()
    expect(takeAll(slots, 'one')).to.have.length(80)
  })

  it('can be taken again once they were given back', () => {
    const slots = new TransferSlots(10)
    const first = takeAll(slots, 'one')
    for (const giveBack of first) giveBack()
    expect(takeAll(slots, 'one')).to.have.length(first.length)
  })
})
