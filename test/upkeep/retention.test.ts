import { expect } from 'chai'
import fc from 'fast-check'
import { judgeReleases, type ModelUse, type RetentionPolicy } from '../../server/upkeep/retention.ts'
import type { ReleaseOutline } from '../../server/catalog/releases.ts'
import { digestOf } from '../contracts/catalog-support.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const DAY = 24 * 60 * 60 * 1000

/** A release that was published so many days ago. */
function aged(number: number, days: number, seed = String(number)): ReleaseOutline {
  return {
    number,
    digest: digestOf(seed),
    size: 10,
    publishedAt: new Date(NOW - days * DAY).toISOString(),
  }
}

const UNUSED: ModelUse = { tags: [], rollouts: [], lastSeen: new Map() }

function gone(releases: ReleaseOutline[], policy: RetentionPolicy, use: Partial<ModelUse> = {}): number[] {
  return judgeReleases(releases, { ...UNUSED, ...use }, policy, NOW)
    .filter(({ reasons }) => reasons.length === 0)
    .map(({ release }) => release.number)
}

describe('judgeReleases', () => {
  const five = [1, 2, 3, 4, 5].map((number) => aged(number, 60 - number * 10))

  it('keeps what a rollout brings out, and what it may go back to', () => {
    const use = { rollouts: [{ tag: 'production', releases: [1, 2] }] }
    expect(gone(five, { keepReleases: 1 }, use)).to.deep.equal([4, 3])
  })

  it('keeps the newest so many, by number', () => {
    expect(gone(five, { keepReleases: 2 })).to.deep.equal([3, 2, 1])
  })

  it('keeps what is younger than so many days', () => {
    expect(gone(five, { keepDays: 25 })).to.deep.equal([3, 2, 1])
  })

  it('keeps what either limit lets stay', () => {
    expect(gone(five, { keepReleases: 1, keepDays: 35 })).to.deep.equal([2, 1])
    expect(gone(five, { keepReleases: 4, keepDays: 15 })).to.deep.equal([1])
  })

  it('keeps all where no limit is given', () => {
    expect(gone(five, {})).to.deep.equal([])
  })

  it('keeps what a tag points at, or pointed at lately', () => {
    const tags = [{ tag: 'production', release: 2, history: [2, 4] }]
    expect(gone(five, { keepReleases: 1 }, { tags })).to.deep.equal([3, 1])
  })

  it('keeps what was seen running in the last 30 days, and says when', () => {
    const lastSeen = new Map([
      [digestOf('1'), new Date(NOW - 29 * DAY).toISOString()],
      [digestOf('2'), new Date(NOW - 31 * DAY).toISOString()],
    ])
    expect(gone(five, { keepReleases: 1 }, { lastSeen })).to.deep.equal([4, 3, 2])
    const verdict = judgeReleases(five, { ...UNUSED, lastSeen }, { keepReleases: 1 }, NOW).at(-1)
    expect(verdict?.reasons).to.deep.equal([{ code: 'seen-running', lastSeen: lastSeen.get(digestOf('1')) }])
  })

  it('keeps all releases of the same bytes where these run', () => {
    const twice = [aged(1, 90, 'same'), aged(2, 80, 'same'), aged(3, 70)]
    const lastSeen = new Map([[digestOf('same'), new Date(NOW).toISOString()]])
    expect(gone(twice, { keepReleases: 1 }, { lastSeen })).to.deep.equal([])
  })

  it('takes moments in the future as young and as seen: a clock that went back loses nothing', () => {
    const early = [aged(1, -3), aged(2, 90), aged(3, 90)]
    const lastSeen = new Map([[digestOf('2'), new Date(NOW + 9 * DAY).toISOString()]])
    expect(gone(early, { keepDays: 1 }, { lastSeen })).to.deep.equal([3])
  })

  it('orders by number where clocks disagree', () => {
    expect(gone([aged(1, 1), aged(2, 50), aged(3, 40)], { keepReleases: 1 })).to.deep.equal([2, 1])
  })

  it('tells every reason of a release', () => {
    const tags = [
      { tag: 'latest', release: 5, history: [5] },
      { tag: 'production', release: 4, history: [4, 5] },
    ]
    const [first] = judgeReleases(five, { ...UNUSED, tags }, { keepReleases: 1, keepDays: 30 }, NOW)
    expect(first?.reasons).to.deep.equal([
      { code: 'tagged', tag: 'latest' },
      { code: 'tag-history', tag: 'production' },
      { code: 'among-newest' },
      { code: 'young' },
    ])
  })

  it('lets go exactly what is not in use and no limit keeps, whatever the policy and the history', () => {
    const numbers = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(numbers, fc.integer({ min: -5, max: 100 }), numbers), {
          selector: ([number]) => number,
        }),
        fc.array(fc.record({ tag: fc.string(), release: numbers, history: fc.array(numbers) })),
        fc.array(fc.tuple(numbers, fc.integer({ min: -5, max: 60 }))),
        fc.record(
          { keepReleases: fc.integer({ min: 1, max: 12 }), keepDays: fc.integer({ min: 1, max: 90 }) },
          { requiredKeys: [] },
        ),
        (made, tags, seen, policy) => {
          const releases = made.map(([number, days, seed]) => aged(number, days, String(seed)))
          const lastSeen = new Map(
            seen.map(([seed, days]) => [digestOf(String(seed)), new Date(NOW - days * DAY).toISOString()]),
          )
          const left = gone(releases, policy, { tags, lastSeen })
          for (const { number, digest, publishedAt } of releases) {
            const at = lastSeen.get(digest)
            const stays =
              Object.keys(policy).length === 0 ||
              tags.some((tag) => tag.release === number || tag.history.includes(number)) ||
              (at !== undefined && (NOW - Date.parse(at)) / DAY <= 30) ||
              releases.filter((each) => each.number > number).length < (policy.keepReleases ?? 0) ||
              (NOW - Date.parse(publishedAt)) / DAY < (policy.keepDays ?? -Infinity)
            expect(!left.includes(number), `release ${number}`).to.equal(stays)
          }
        },
      ),
    )
  })
})
