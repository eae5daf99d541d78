import { expect } from 'chai'
import fc from 'fast-check'
import { placesFor, stepSize, toleratedFailures } from '../../server/rollouts/amount.ts'

describe('a share of bots', () => {
  it('is exact, whatever fractions come to: a step is rounded up, what may fail or load at once down', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (hundredths, bots) => {
          const share = `${(hundredths / 100).toFixed(2)}%`
          const [exact, rest] = [Math.floor((hundredths * bots) / 10_000), (hundredths * bots) % 10_000]
          expect(stepSize(share, bots)).to.equal(Math.max(1, rest === 0 ? exact : exact + 1))
          expect(toleratedFailures(share, bots)).to.equal(exact)
          expect(placesFor(share, bots)).to.equal(Math.max(1, exact))
        },
      ),
    )
    expect([stepSize('0.07%', 10_000), toleratedFailures('0.57%', 10_000)]).to.deep.equal([7, 57])
  })
})
