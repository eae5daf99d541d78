import { expect } from 'chai'
import fc from 'fast-check'
import { evaluateRange } from '../../../server/http/pull/range.ts'

const DIGEST = 'a'.repeat(64)

/** Bytes first to last; `416`; or `200` for the whole archive. */
type Expected = readonly [first: number, last: number] | 416 | 200

const CASES: readonly (readonly [range: string, size: number, expected: Expected])[] = [
  // One range
  ['bytes=0-0', 10, [0, 0]],
  ['bytes=0-9', 10, [0, 9]],
  ['bytes=9-9', 10, [9, 9]],
  ['bytes=3-5', 10, [3, 5]],
  ['bytes=0-10', 10, [0, 9]],
  ['bytes=0-9999', 10, [0, 9]],
  ['bytes=5-', 10, [5, 9]],
  ['bytes=0-', 10, [0, 9]],
  ['bytes=9-', 10, [9, 9]],
  ['bytes=0-', 1, [0, 0]],
  ['bytes=007-008', 10, [7, 8]],
  // The last bytes
  ['bytes=-1', 10, [9, 9]],
  ['bytes=-4', 10, [6, 9]],
  ['bytes=-10', 10, [0, 9]],
  ['bytes=-11', 10, [0, 9]],
  ['bytes=-99999999999999999999999', 10, [0, 9]],
  ['bytes=-1', 1, [0, 0]],
  // Nothing to be had
  ['bytes=-0', 10, 416],
  ['bytes=-000', 10, 416],
  ['bytes=10-', 10, 416],
  ['bytes=10-10', 10, 416],
  ['bytes=10-20', 10, 416],
  ['bytes=11-', 10, 416],
  ['bytes=1-', 1, 416],
  ['bytes=4294967296-', 10, 416],
  ['bytes=99999999999999999999999-', 10, 416],
  ['bytes=18446744073709551616-18446744073709551617', 10, 416],
  // Numbers that overflow as an end are clamped
  ['bytes=0-4294967296', 10, [0, 9]],
  ['bytes=2-18446744073709551617', 10, [2, 9]],
  // Larger than 32 bits
  ['bytes=4294967296-4294967297', 5_000_000_000, [4294967296, 4294967297]],
  ['bytes=-2', 5_000_000_000, [4999999998, 4999999999]],
  // The unit does not mind case; blanks around the range are bad manners, and harmless
  ['Bytes=1-2', 10, [1, 2]],
  ['BYTES=-3', 10, [7, 9]],
  ['bytes= 1-2', 10, [1, 2]],
  ['bytes=1-2 ', 10, [1, 2]],
  ['bytes=\t1-2', 10, [1, 2]],
  // Backward: not valid, hence not heeded
  ['bytes=5-4', 10, 200],
  ['bytes=9-0', 10, 200],
  ['bytes=20-15', 10, 200],
  // Several
  ['bytes=0-1,3-4', 10, 200],
  ['bytes=0-1, 3-4', 10, 200],
  ['bytes=0-0,-1', 10, 200],
  ['bytes=0-,0-,0-,0-,0-', 10, 200],
  ['bytes=0-1,', 10, 200],
  ['bytes=,0-1', 10, 200],
  ['bytes=20-30,40-50', 10, 200],
  // Other units
  ['items=0-5', 10, 200],
  ['byte=0-5', 10, 200],
  ['xbytes=0-5', 10, 200],
  ['none', 10, 200],
  // Nonsense
  ['', 10, 200],
  ['bytes', 10, 200],
  ['bytes=', 10, 200],
  ['bytes=-', 10, 200],
  ['bytes=--1', 10, 200],
  ['bytes=1', 10, 200],
  ['bytes=1-2-3', 10, 200],
  ['bytes=x-y', 10, 200],
  ['bytes=x-5', 10, 200],
  ['bytes=0-y', 10, 200],
  ['bytes=0x0-0x5', 10, 200],
  ['bytes=1e0-5', 10, 200],
  ['bytes=+1-5', 10, 200],
  ['bytes=1.0-5', 10, 200],
  ['bytes=1 - 5', 10, 200],
  ['bytes =1-5', 10, 200],
  ['bytes:1-5', 10, 200],
  ['=1-5', 10, 200],
  ['bytes=１-５', 10, 200],
  ['bytes=0-5;q=1', 10, 200],
]

describe('Range', () => {
  it(`has a table of over sixty cases`, () => {
    expect(CASES.length).to.be.greaterThan(60)
  })

  for (const [range, size, expected] of CASES) {
    it(`${JSON.stringify(range)} of ${size} bytes is ${JSON.stringify(expected)}`, () => {
      const result = evaluateRange({ range }, DIGEST, size)
      if (expected === 416) expect(result).to.deep.equal({ kind: 'unsatisfiable' })
      else if (expected === 200) expect(result).to.deep.equal({ kind: 'whole' })
      else {
        const [first, last] = expected
        expect(result).to.deep.equal({ kind: 'part', start: first, length: last - first + 1 })
      }
    })
  }

  it('never reaches beyond the archive, whatever is asked', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([first, last]) => `bytes=${first}-${last}`),
      fc.nat().map((count) => `bytes=-${count}`),
      fc.bigInt({ min: 0n, max: 2n ** 70n }).map((first) => `bytes=${first}-`),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 2 ** 40 }), (range, size) => {
        const result = evaluateRange({ range }, DIGEST, size)
        if (result.kind !== 'part') return
        expect(result.start).to.be.at.least(0)
        expect(result.length).to.be.at.least(1)
        expect(result.start + result.length).to.be.at.most(size)
      }),
    )
  })
})
