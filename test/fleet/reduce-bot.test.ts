import { expect } from 'chai'
import { botDigest, botHints, botState } from '../../server/fleet/bot-summary.ts'
import { sumFailures } from '../../server/fleet/failures.ts'
import type { Bot } from '../../server/fleet/bot.ts'
import {
  begun,
  botAfter,
  kinds,
  NEW,
  OLD,
  poll,
  POD,
  processName,
  sent,
  silence,
  START,
  type Timed,
} from './facts.ts'

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(processName) as [string, string, string, string]

/** A process that took a release whole, and fell silent. */
function silentAfterSent(at: number, process: string): Timed[] {
  return [
    [at, poll(null, process)],
    [at, begun(OLD, process)],
    [at + 1, sent(process)],
  ]
}

function failuresOf(bot: Bot): { loads: number; restarts: number } {
  const { loads, restarts } = sumFailures(
    bot.processes.map(({ failures }) => failures),
    OLD.digest,
  ) ?? { loads: 0, restarts: 0 }
  return { loads, restarts }
}

describe('reduceBot', () => {
  it('has a process for each worker', () => {
    const { bot } = botAfter([0, poll(null, a)], [0.06, poll(null, b)])
    expect(bot.processes.map(({ process }) => process)).to.deep.equal([a, b])
  })

  it('concludes a restart while loading from a new name, 10 s or more after the last one', () => {
    const { bot, events } = botAfter(...silentAfterSent(0, a), [20, poll(null, b)])
    expect(kinds(events)).to.include('restarted-while-loading')
    expect(failuresOf(bot)).to.deep.equal({ loads: 0, restarts: 1 })
  })

  it('takes the second name of one start for another worker', () => {
    const { bot, events } = botAfter(...silentAfterSent(0, a), [9, poll(null, b)])
    expect(kinds(events)).not.to.include('restarted-while-loading')
    expect(failuresOf(bot)).to.deep.equal({ loads: 0, restarts: 0 })
  })

  it('concludes no restart where the bot has no name of its own', () => {
    const source = { ...POD, instance: null }
    const { events } = botAfter(
      [0, poll(null, a, { source })],
      ...([
        [0, begun(OLD, a)],
        [1, sent(a)],
        [20, poll(null, b, { source })],
      ] as Timed[]),
    )
    expect(kinds(events)).not.to.include('restarted-while-loading')
  })

  it('counts three restarts in a row as one failed load, of the bot and not of its processes', () => {
    const { bot } = botAfter(
      ...silentAfterSent(0, a),
      ...silentAfterSent(20, b),
      ...silentAfterSent(40, c),
      ...silentAfterSent(60, d),
    )
    expect(failuresOf(bot)).to.deep.equal({ loads: 1, restarts: 3 })
  })

  it('takes a restart back where the silent process polls again', () => {
    const { bot, events } = botAfter(...silentAfterSent(0, a), [20, poll(null, b)], [90, poll(OLD, a)])
    expect(kinds(events)).to.include.members(['restart-undone', 'loaded'])
    expect(failuresOf(bot)).to.deep.equal({ loads: 0, restarts: 0 })
  })

  it('counts one restart for all workers of a start', () => {
    const { bot, events } = botAfter(
      ...silentAfterSent(0, a),
      ...silentAfterSent(0.06, b),
      [20, poll(null, c)],
      [20.06, poll(null, d)],
    )
    expect(kinds(events).filter((kind) => kind === 'restarted-while-loading')).to.have.length(1)
    expect(failuresOf(bot)).to.deep.equal({ loads: 0, restarts: 1 })
    expect(botState(bot)).to.equal('starting')
  })

  it('keeps its counts and few processes through a crash loop, and never takes it for a shared name', () => {
    const starts = Array.from({ length: 60 }, (_, start) => [
      ...silentAfterSent(start * 15, processName(String.fromCharCode(256 + 2 * start))),
      ...silentAfterSent(start * 15 + 0.06, processName(String.fromCharCode(257 + 2 * start))),
    ])
    const { bot } = botAfter(...starts.flat())
    expect(bot.processes.length).to.be.at.most(20)
    expect(failuresOf(bot)).to.deep.equal({ loads: 19, restarts: 59 })
    expect(botHints(bot, START + 900_000)).to.deep.equal([])
  })

  it('is in the worst state of its processes', () => {
    expect(botState(botAfter([0, poll(OLD, a)], [0, poll(null, b)]).bot)).to.equal('starting')
    expect(botState(botAfter([0, poll(OLD, a)], [0, poll(null, b)], [0, begun(OLD, b)]).bot)).to.equal(
      'loading',
    )
  })

  it('is not lost because a process of an earlier start is', () => {
    const { bot } = botAfter([0, poll(OLD, a)], [390, poll(OLD, b)], [400, silence(a)])
    expect(botState(bot)).to.equal('running')
  })

  it('runs the release that most of its processes run', () => {
    const { bot } = botAfter([0, poll(OLD, a)], [0, poll(NEW, b)], [0, poll(NEW, c)])
    expect(botDigest(bot)).to.equal(NEW.digest)
  })

  it('is proven by an offer and its digest, not by a digest alone', () => {
    expect(botAfter([0, poll(OLD, a)], [10, poll(OLD, a)]).bot.provenAt).to.equal(null)
    expect(botAfter(...silentAfterSent(0, a), [60, poll(OLD, a)]).bot.provenAt).to.equal(START + 60_000)
  })

  it('has settled after it was seen running a release for ten minutes', () => {
    expect(botAfter([0, poll(OLD, a)], [599, poll(OLD, a)]).bot.settledAt).to.equal(null)
    expect(botAfter([0, poll(OLD, a)], [600, poll(OLD, a)]).bot.settledAt).to.equal(START + 600_000)
  })

  it('forgets what one worker failed at when another one loads it', () => {
    const { bot } = botAfter(...silentAfterSent(0, a), [30, poll(null, a)], ...silentAfterSent(40, b), [
      60,
      poll(OLD, b),
    ])
    expect(failuresOf(bot)).to.deep.equal({ loads: 0, restarts: 0 })
  })

  describe('hints', () => {
    const hints = (...facts: Timed[]): string[] => botHints(botAfter(...facts).bot, START + 1000_000)

    it('tell of a name that several addresses share', () => {
      const elsewhere = { source: { ...POD, address: '10.0.0.2' } }
      expect(hints([0, poll(OLD, a)], [1, poll(OLD, b, elsewhere)], [2, poll(OLD, a)])).to.include(
        'shared-name',
      )
    })

    it('do not take a pod that came back elsewhere for two', () => {
      const elsewhere = { source: { ...POD, address: '10.0.0.2' } }
      expect(
        hints([0, poll(OLD, a)], [9, poll(OLD, b, elsewhere)], [20, poll(OLD, b, elsewhere)]),
      ).to.deep.equal([])
    })

    it('tell of a name that more than eight processes share', () => {
      const polls = Array.from('abcdefghi', (letter): Timed => [0, poll(OLD, processName(letter))])
      expect(hints(...polls)).to.deep.equal(['shared-name'])
      expect(hints(...polls.slice(1))).to.deep.equal([])
    })

    it('tell of archives that are taken whole and asked for again at once', () => {
      const round = (at: number): Timed[] => [
        [at, poll(OLD, a)],
        [at, begun(NEW, a)],
        [at + 0.1, sent(a)],
      ]
      const rounds = [0, 0.3, 0.6].flatMap(round)
      expect(hints(...rounds, [0.9, poll(OLD, a)])).to.deep.equal(['buffered-on-the-way'])
      expect(hints(...[0, 2, 4].flatMap(round), [6, poll(OLD, a)])).to.deep.equal([])
    })

    it('tell of a process that shows nothing of what it was sent, whatever it is', () => {
      const round = (at: number, release = OLD): Timed[] => [
        [at, poll(null, a)],
        [at, begun(release, a)],
        [at + 1, sent(a)],
      ]
      expect(hints(...round(0), ...round(9), ...round(18), [27, poll(null, a)])).to.deep.equal([])
      expect(hints(...round(0), ...round(9), ...round(18, NEW), [27, poll(null, a)])).to.deep.equal([
        'condition-stripped',
      ])
    })
  })
})
