import { expect } from 'chai'
import type { TagBots } from '../../server/fleet/fleet-census.ts'
import { FleetSeries } from '../../server/fleet/fleet-series.ts'
import { aClock } from '../support/manual-clock.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A series over bots that a test makes up. */
function aSeries() {
  const clock = aClock()
  let census: TagBots[] = []
  let polls = 0
  const series = new FleetSeries({
    clock,
    countPolls: () => polls,
    takeCensus: () => Promise.resolve(census),
    onFailure(error) {
      throw error
    },
  })
  /** A minute goes by, at the end of which the bots of tags run these releases. */
  const minute = async (tags: Record<string, [release: number | null, bots: number][]>, polled = 0) => {
    census = Object.entries(tags).map(([tag, releases]) => ({
      model: 'shop',
      tag,
      states: new Map(),
      digests: new Map(),
      releases: new Map(releases),
      failing: [],
      lost: [],
      all: releases.reduce((sum, [, bots]) => sum + bots, 0),
    }))
    polls += polled
    clock.advance(MINUTE)
    await series.look()
  }
  return { series, clock, minute, begun: clock.now() }
}

describe('the series of a fleet', () => {
  it('tells of each release how many bots ran it, where that changed', async () => {
    const { series, minute, begun } = aSeries()
    await minute({ production: [[7, 3]] })
    await minute({ production: [[7, 3]] })
    await minute({
      production: [
        [7, 2],
        [8, 1],
      ],
    })
    const { since, until, points } = await series.readTag('shop', 'production')
    expect([since - begun, until - begun]).to.deep.equal([MINUTE, 3 * MINUTE])
    expect(points.map(({ at, releases }) => [at - begun, releases])).to.deep.equal([
      [MINUTE, [{ release: 7, bots: 3 }]],
      [
        3 * MINUTE,
        [
          { release: 7, bots: 2 },
          { release: 8, bots: 1 },
        ],
      ],
    ])
  })

  it('tells of polls and failures what came in each minute', async () => {
    const { series, minute } = aSeries()
    const failed = { process: 'a', at: 0, release: 8, digest: 'b', reason: '' }
    await minute({}, 30)
    series.noteEvents([
      { kind: 'load-failed', ...failed },
      { kind: 'transfer-failed', ...failed },
      { kind: 'restarted-while-loading', replaced: 'c', ...failed },
      { kind: 'lost', process: 'a', at: 0 },
    ])
    await minute({}, 12)
    const { points } = await series.readPolls()
    expect(points.map(({ polls, loads, transfers }) => [polls, loads, transfers])).to.deep.equal([
      [30, 0, 0],
      [12, 2, 1],
    ])
  })

  it('keeps a day, and what held when it began', async () => {
    const { series, clock, minute } = aSeries()
    await minute({ production: [[7, 3]] })
    clock.advance(DAY)
    await minute({ production: [[8, 3]] }, 1)
    const { points } = await series.readTag('shop', 'production')
    expect(points.map(({ at, releases }) => [clock.now() - at, releases[0]?.release])).to.deep.equal([
      [DAY, 7],
      [0, 8],
    ])
    expect((await series.readPolls()).points).to.have.length(1)
  })

  it('is bounded, whatever the bots do: tags with most bots, the last changes, the most frequent releases', async () => {
    const { series, minute } = aSeries()
    const many = Object.fromEntries(
      Array.from({ length: 150 }, (_, tag) => [`tag-${tag}`, [[1, tag + 1]] as [number, number][]]),
    )
    await minute(many)
    expect((await series.readTag('shop', 'tag-149')).points).to.have.length(1)
    expect((await series.readTag('shop', 'tag-0')).points).to.have.length(0)
    for (let change = 0; change < 400; change++) {
      const releases = Array.from({ length: 30 }, (_, release): [number, number] => [release + 1, change + 1])
      await minute({ production: releases })
    }
    const { since, points } = await series.readTag('shop', 'production')
    expect(points).to.have.length(288)
    expect(since).to.equal(points[0]?.at)
    expect(points.at(-1)?.releases).to.have.length(11)
    expect(points.at(-1)?.releases.at(-1)).to.deep.equal({ release: null, bots: 20 * 400 })
    expect((await series.readTag('shop', 'tag-50')).points.at(-1)?.releases).to.deep.equal([])
  })

  it('begins anew where the clock went back', async () => {
    const { series, clock, minute } = aSeries()
    await minute({ production: [[7, 3]] })
    clock.advance(-10 * MINUTE)
    await minute({ production: [[7, 3]] })
    const { since, points } = await series.readTag('shop', 'production')
    expect(points).to.have.length(1)
    expect(since).to.equal(clock.now())
    expect((await series.readPolls()).points).to.deep.equal([])
  })
})
