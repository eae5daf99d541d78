import { expect } from 'chai'
import { DroppedCounts, type Dropped } from '../../server/fleet/dropped-counts.ts'
import { MINUTE, START } from './facts.ts'

describe('DroppedCounts', () => {
  it('says nothing where everything is kept', () => {
    expect(new DroppedCounts(() => undefined).warnings(START)).to.deep.equal([])
  })

  it('warns of each kind with its count for an hour after the last', () => {
    const counts = new DroppedCounts(() => undefined)
    counts.note('polls', 1, START)
    counts.note('polls', 1, START + MINUTE)
    const [warning] = counts.warnings(START + 60 * MINUTE)
    expect(warning).to.include({ code: 'bots-untracked' })
    expect(warning?.message).to.include('2 polls').and.include('2026-11-23T08:01:00.000Z')
    counts.note('events', 300, START + 60 * MINUTE)
    expect(counts.warnings(START + 62 * MINUTE).map(({ code }) => code)).to.deep.equal(['events-dropped'])
    expect(counts.warnings(START + 120 * MINUTE)).to.deep.equal([])
  })

  it('says each time how many there were since the start', () => {
    const told: [Dropped, number][] = []
    const counts = new DroppedCounts((what, count) => told.push([what, count]))
    counts.note('events', 3, START)
    counts.note('events', 4, START)
    expect(told).to.deep.equal([
      ['events', 3],
      ['events', 7],
    ])
  })
})
