import { expect } from 'chai'
import fc from 'fast-check'
import { TransferSlots } from '../../server/http/transfer-slots.ts'

/** How many one address gets in a row. */
function takeAll(slots: TransferSlots, address: string): (() => void)[] {
  const taken: (() => void)[] = []
  for (let giveBack = slots.tryTake(address); giveBack !== undefined; giveBack = slots.tryTake(address))
    taken.push(giveBack)
  return taken
}

describe('the slots of transfers', () => {
  it('are four fifths for one address alone, and never all where there are several', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 500 }), (most) => {
        const slots = new TransferSlots(most)
        const taken = takeAll(slots, 'one').length
        expect(taken).to.be.within(Math.floor(0.8 * most), Math.ceil(0.8 * most) + 1)
        expect(slots.tryTake('another')).to.not.equal(undefined)
      }),
    )
  })

  it('are as many as there are where there is one or two, whoever comes', () => {
    for (const most of [1, 2]) {
      const slots = new TransferSlots(most)
      expect(takeAll(slots, 'one')).to.have.length(most)
      expect(slots.tryTake('another')).to.equal(undefined)
    }
  })

  it('can be taken again once they were given back', () => {
    const slots = new TransferSlots(10)
    const first = takeAll(slots, 'one')
    for (const giveBack of first) giveBack()
    expect(takeAll(slots, 'one')).to.have.length(first.length)
  })
})
