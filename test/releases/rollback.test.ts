import { expect } from 'chai'
import fc from 'fast-check'
import { releaseBefore } from '../../server/releases/rollback.ts'
import type { TagTarget } from '../../server/releases/tag.ts'

/** A history that visits these releases; null: the tag was deleted. */
function history(visits: (number | null)[], deleted: number[] = []): TagTarget[] {
  return visits.map((release, index) => ({
    sequence: index + 1,
    release,
    exists: release !== null && !deleted.includes(release),
  }))
}

describe('rolling back', () => {
  const cases: [visits: (number | null)[], before: number | undefined, why: string][] = [
    [[], undefined, 'a tag that was never anywhere'],
    [[1], undefined, 'a tag that was at one release only'],
    [[1, 2], 1, 'one step forward'],
    [[1, 2, 3], 2, 'two steps forward'],
    [[1, 2, 3, 2], 1, 'a step that was undone is off the path'],
    [[1, 2, 3, 2, 1], undefined, 'all steps undone'],
    [[1, 2, 3, 1], undefined, 'back to the beginning at once'],
    [[1, 2, 1, 3], 1, 'forward again after a step back'],
    [[3, 1], 3, 'promoting an older release is a step forward'],
    [[3, 1, 3], undefined, 'and undoing that one'],
    [[1, 2, null, 3], 2, 'a deletion is no place to go back to'],
    [[1, null, 1], undefined, 'the same release before and after a deletion'],
  ]
  for (const [visits, before, why] of cases) {
    it(`goes from ${visits.map((visit) => visit ?? 'nowhere').join(' → ') || 'nothing'} to ${before ?? 'nothing'}: ${why}`, () => {
      expect(releaseBefore(history(visits))).to.equal(before)
    })
  }

  it('passes over releases that were deleted', () => {
    expect(releaseBefore(history([1, 2, 3], [2]))).to.equal(1)
    expect(releaseBefore(history([1, 2, 3], [1, 2]))).to.equal(undefined)
  })

  const anyVisits = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 })

  it('never names the release that the tag is at, nor one it was never at', () => {
    fc.assert(
      fc.property(anyVisits, (visits) => {
        const before = releaseBefore(history(visits))
        if (before === undefined) return
        expect(before).to.not.equal(visits.at(-1))
        expect(visits).to.include(before)
      }),
    )
  })

  it('comes to an end: repeated, it visits no release twice', () => {
    fc.assert(
      fc.property(anyVisits, (visits) => {
        const path = [...visits]
        const seen = new Set(path.slice(-1))
        for (;;) {
          const before = releaseBefore(history(path))
          if (before === undefined) return
          expect(seen.has(before)).to.equal(false)
          seen.add(before)
          path.push(before)
        }
      }),
    )
  })

  it('undoes a step forward to a release that the tag was never at', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 }), (visits) => {
        expect(releaseBefore(history([...visits, 7]))).to.equal(visits.at(-1))
      }),
    )
  })
})
