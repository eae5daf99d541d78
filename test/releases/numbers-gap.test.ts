import { expect } from 'chai'
import fc from 'fast-check'
import { numbersGap } from '../../server/releases/numbers-gap.ts'
import { numberAfterGap } from '../../server/catalog/models.ts'

const DAY = 24 * 60 * 60 * 1000

describe('numbersGap', () => {
  it('is a thousand where little can have happened', () => {
    expect(numbersGap([{ nextNumber: 8, createdAt: 0 }], 100 * DAY, 101 * DAY)).to.equal(1000)
    expect(numbersGap([], 0, DAY)).to.equal(1000)
  })

  it('grows with the pace of the model and the time since the backup', () => {
    // A hundred releases a day, ten days ago: ten times the thousand that came since.
    expect(numbersGap([{ nextNumber: 1000, createdAt: 0 }], 10 * DAY, 20 * DAY)).to.equal(10_000)
  })

  it('leaves every number that was given out since below, by far', () => {
    const number = fc.integer({ min: 1, max: 1_000_000 })
    fc.assert(
      fc.property(number, number, number, (nextNumber, since, other) => {
        const models = [
          { nextNumber, createdAt: 0, nextNumberSince: nextNumber + since },
          { nextNumber: other, createdAt: 0 },
        ]
        const gap = numbersGap(models, DAY, DAY)
        expect(gap % 1000).to.equal(0)
        const next = numberAfterGap(nextNumber, gap)
        expect(next).to.be.above(nextNumber + since)
        expect(next - nextNumber).to.be.at.least(1000)
      }),
    )
  })
})
