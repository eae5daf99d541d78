import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { LEAK_LIMIT, sampleRefusals, welch } from '../../scripts/benchmark.d/timing-leak.ts'

/** The same chance in every run. */
function seededBytes(): (size: number) => Buffer {
  let drawn = 0
  return (size) => createHash('sha256').update(String(drawn++)).digest().subarray(0, size)
}

/** |t| of 20,000 refusals, for a comparison that takes half a nanosecond for each character that it looks at. */
function leakOf(charactersLookedAt: (sent: string, right: string) => number): number {
  const random = seededBytes()
  const draw = () => random(32).toString('hex')
  const right = draw()
  // What the rest of a refusal takes, on a machine that does other things too.
  const rest = () => 1_000 - 200 * Math.log((random(4).readUInt32BE() + 1) / 2 ** 32)
  const refuse = (sent: string) => rest() + charactersLookedAt(sent, right) / 2
  const { near, far } = sampleRefusals({ right, draw, count: 20_000, refuse, random })
  return Math.abs(welch(near, far))
}

describe('the measurement of what the time of a refusal tells', () => {
  it('finds a comparison that ends at the first difference', () => {
    const untilDifferent = (sent: string, right: string) => {
      let looked = 1
      while (looked < right.length && sent[looked - 1] === right[looked - 1]) looked++
      return looked
    }
    expect(leakOf(untilDifferent)).to.be.above(LEAK_LIMIT)
  })

  it('finds nothing in one that looks at every character', () => {
    expect(leakOf((_, right) => right.length)).to.be.below(LEAK_LIMIT)
  })

  it("is Welch's t, without the slowest of each sample", () => {
    // Means 2 and 4, variances 1 and 4, of three each.
    expect(welch([1, 2, 3, 1_000], [2, 4, 6, 9_999])).to.be.closeTo(-2 / Math.sqrt(1 / 3 + 4 / 3), 1e-12)
  })
})
