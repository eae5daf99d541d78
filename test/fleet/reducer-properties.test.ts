import { expect } from 'chai'
import fc from 'fast-check'
import { newBot } from '../../server/fleet/bot.ts'
import type { Fact } from '../../server/fleet/fact.ts'
import type { FleetEvent } from '../../server/fleet/fleet-event.ts'
import { botState } from '../../server/fleet/bot-summary.ts'
import { reduceBot } from '../../server/fleet/reduce-bot.ts'
import { newProcess } from '../../server/fleet/process-record.ts'
import { reduceProcess } from '../../server/fleet/reduce-process.ts'
import { POD, START, poll, processName, target } from './facts.ts'

const process = fc.constantFrom(...['a', 'b', 'c'].map(processName))
const release = fc.constantFrom(target(1), target(2), target(3))
const stream = fc.constantFrom('s1', 's2')

const fact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.option(release), process).map(([runs, name]) => poll(runs, name)) },
  fc.record({ kind: fc.constant('offer-begun' as const), process, target: release, stream }),
  fc.record({ kind: fc.constantFrom('offer-sent' as const, 'offer-cut' as const), process, stream }),
  fc.record({
    kind: fc.constant('answered' as const),
    process,
    standing: fc.constantFrom(
      'in-sync' as const,
      'waiting' as const,
      'draining' as const,
      'left-alone' as const,
    ),
  }),
  fc.record({
    kind: fc.constant('silence' as const),
    process,
    slowestLoad: fc.option(fc.integer({ min: 0, max: 400 })),
    listeningSince: fc.constant(0),
  }),
)

/** Facts with the milliseconds after each other; clocks may go back. */
const history = fc.array(fc.tuple(fc.integer({ min: -5000, max: 700_000 }), fact), { maxLength: 60 })

function replay(facts: readonly (readonly [number, Fact])[]) {
  let bot = newBot('shop', 'pod-1')
  let now = START
  const events: FleetEvent[] = []
  for (const [gap, each] of facts) {
    now += gap
    const reduced = reduceBot(bot, each, now)
    bot = reduced.bot
    events.push(...reduced.events)
  }
  return { bot, events, now }
}

describe('the reducer, whatever comes', () => {
  it('never throws, and is deterministic', () => {
    fc.assert(
      fc.property(history, (facts) => {
        expect(replay(facts)).to.deep.equal(replay(facts))
      }),
    )
  })

  it('never changes what it was given', () => {
    fc.assert(
      fc.property(history, fact, (facts, last) => {
        const { bot, now } = replay(facts)
        const before = structuredClone(bot)
        reduceBot(bot, last, now + 1000)
        expect(bot).to.deep.equal(before)
      }),
    )
  })

  it('is in a state that has a name, with counts that are none below zero', () => {
    fc.assert(
      fc.property(history, (facts) => {
        const { bot } = replay(facts)
        expect(botState(bot)).to.be.a('string')
        for (const { failures, gaps, polls } of bot.processes) {
          expect(gaps.length).to.be.at.most(5)
          expect(polls).to.be.at.most(2)
          for (const { loads, transfers, restarts, restartsInRow } of failures) {
            expect(Math.min(loads, transfers, restarts, restartsInRow)).to.be.at.least(0)
            expect(loads + transfers + restarts).to.be.at.least(1)
          }
        }
      }),
    )
  })

  it('concludes at most one outcome for each offer', () => {
    fc.assert(
      fc.property(history, (facts) => {
        const begins = facts.filter(([, { kind }]) => kind === 'offer-begun').length
        const outcomes = replay(facts).events.filter(({ kind }) =>
          ['loaded', 'load-failed', 'transfer-failed'].includes(kind),
        )
        expect(outcomes.length).to.be.at.most(begins)
      }),
    )
  })

  it('takes the same poll twice as once, but for times, while an offer is being sent', () => {
    fc.assert(
      fc.property(
        release,
        fc.integer({ min: 1, max: 140_000 }),
        fc.integer({ min: 1, max: 140_000 }),
        (offered, one, two) => {
          const fresh = newProcess(processName('a'), 'production', POD, START)
          const begun = {
            kind: 'offer-begun',
            process: processName('a'),
            target: offered,
            stream: 's1',
          } as const
          const sending = reduceProcess(reduceProcess(fresh, poll(null), START).process, begun, START).process
          const once = reduceProcess(sending, poll(null), START + one)
          const twice = reduceProcess(once.process, poll(null), START + one + two)
          expect([...once.events, ...twice.events]).to.deep.equal([])
          expect({ ...twice.process, lastSeen: 0 }).to.deep.equal({ ...sending, lastSeen: 0 })
        },
      ),
    )
  })
})
