import { expect } from 'chai'
import fc from 'fast-check'
import { Grace, type Pace } from '../../server/http/pace.ts'
import { READERS_PACE } from '../../server/http/reply/response-writer.ts'

const pace: Pace = { bytesPerSecond: 1_000, graceSeconds: 30, mostGraceSeconds: 40, lookSeconds: 5 }

/** After how many looks a peer is too slow that moves so many bytes in each; undefined: after none of a thousand. */
function looksUntilTooSlow(moved: number, isWaitedFor = true): number | undefined {
  const grace = new Grace(pace)
  for (let looks = 1; looks <= 1_000; looks++) if (grace.look(moved, isWaitedFor)) return looks
  return undefined
}

describe('the grace of a slow peer', () => {
  it('ends after its time where the peer moves nothing', () => {
    expect(looksUntilTooSlow(0)).to.equal(6)
  })

  it('ends later where the peer is a little too slow', () => {
    expect(looksUntilTooSlow(4_000)).to.equal(30)
  })

  it('never ends at the least pace', () => {
    expect(looksUntilTooSlow(5_000)).to.equal(undefined)
  })

  it('never ends while the peer is not waited for', () => {
    expect(looksUntilTooSlow(0, false)).to.equal(undefined)
  })

  it('grows with what was moved, but not without end', () => {
    const grace = new Grace(pace)
    expect(grace.look(1_000_000, false)).to.equal(false)
    const ends = [1, 2, 3, 4, 5, 6, 7, 8].map(() => grace.look(0, true))
    expect(ends).to.deep.equal([false, false, false, false, false, false, false, true])
  })
})

describe('the pace of readers', () => {
  /** What Linux lets a socket take at once, at most, when there is room again: a third of its largest buffer. */
  const LARGEST_LEAP = Math.floor((4 * 1024 * 1024) / 3)

  const { bytesPerSecond, lookSeconds } = READERS_PACE

  /** Whether a reader is cut that is seen to take its bytes in leaps; the first one fills the buffer. */
  function isCut(rate: number, leap: number): boolean {
    const grace = new Grace(READERS_PACE)
    grace.look(leap, false)
    let waiting = 0
    for (let seconds = lookSeconds; seconds <= 3_600; seconds += lookSeconds) {
      waiting += lookSeconds
      const hasLeapt = waiting * rate >= leap
      if (hasLeapt) waiting -= leap / rate
      if (grace.look(hasLeapt ? leap : 0, !hasLeapt)) return true
    }
    return false
  }

  it('is kept by each that is fast enough, however large the leaps in which the kernel shows it', () => {
    const rates = fc.double({ min: bytesPerSecond, max: 300_000, noNaN: true })
    const leaps = fc.integer({ min: 300_000, max: LARGEST_LEAP })
    fc.assert(
      fc.property(rates, leaps, (rate, leap) => {
        expect(isCut(rate, leap)).to.equal(false)
      }),
    )
  })

  it('is not kept by one of a third of it', () => {
    expect(isCut(bytesPerSecond / 3, LARGEST_LEAP)).to.equal(true)
  })
})
