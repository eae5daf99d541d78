import { expect } from 'chai'
import type { ProcessRecord } from '../../server/fleet/process-record.ts'
import { readiness } from '../../server/rollouts/readiness.ts'
import type { Rollout, Step } from '../../server/rollouts/rollout.ts'
import { unitsOfBot } from '../../server/rollouts/unit.ts'
import { countTaken } from '../../server/rollouts/updating.ts'
import {
  begun,
  botAfter,
  cut,
  MINUTE,
  NEW,
  OLD,
  poll,
  processName,
  SECOND,
  sent,
  silence,
  START,
  type Timed,
} from '../fleet/facts.ts'
import { begin, fleet, unit } from './rollout-support.ts'

const LOADING: Partial<ProcessRecord> = {
  offer: { ...NEW, begunAt: START, sentAt: START, attempt: 1, stream: 's' },
}
const LOST = { ...LOADING, lostAt: START + 20 * MINUTE }
const LOST_BEFORE = { ...LOST, lastSeen: START - MINUTE, lostAt: START - 1 }

describe('a place among the bots that update', () => {
  const { rollout } = begin({ maxUpdating: 1 }, fleet(2))
  const taken = (process: Partial<ProcessRecord>, during: Rollout | null, id = 'pod-1') =>
    countTaken([unit(id, process)], during)
  const inStep = (step: Partial<Step>): Rollout => ({
    ...rollout,
    steps: rollout.steps.map((each) => ({ ...each, ...step })),
  })

  it('is taken by a bot that loads', () => {
    expect(taken(LOADING, rollout)).to.equal(1)
    expect(taken(LOADING, null)).to.equal(1)
    expect(taken({}, rollout)).to.equal(0)
  })

  it('is taken by a bot that has nothing to run, and by none that does not count as evidence', () => {
    expect(taken({ ...LOADING, digest: null }, rollout)).to.equal(1)
    expect(countTaken([unit('pod-1', LOADING, { isEvidence: false })], rollout)).to.equal(0)
  })

  it('is kept by a bot that was lost after an offer, until its step has its verdict', () => {
    expect(taken(LOST, rollout)).to.equal(1)
    expect(taken(LOST, inStep({ state: 'failed', endedAt: START }))).to.equal(0)
  })

  it('is kept by a bot of no step that was lost after an offer of this rollout', () => {
    expect(taken(LOST, rollout, 'pod-9')).to.equal(1)
  })

  describe('is kept while one of several workers begins anew, which may not be the one that loads', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(processName) as [string, string, string]
    const bothRun = [a, b].flatMap((worker): Timed[] => [
      [0, poll(null, worker)],
      [0, begun(OLD, worker)],
      [1, sent(worker)],
      [30, poll(OLD, worker)],
    ])
    const bothLoad = [a, b].flatMap((worker): Timed[] => [
      [60, poll(OLD, worker)],
      [60, begun(NEW, worker)],
      [61, sent(worker)],
    ])
    const takenAfter = (...facts: Timed[]): number => {
      const { bot } = botAfter(...bothRun, ...facts)
      const terms = { access: { needsToken: false }, before: START + 50 * SECOND }
      const units = unitsOfBot(bot, 'production', terms, START + 200 * SECOND)
      return countTaken(units, { ...rollout, startedAt: START + 50 * SECOND })
    }
    const beganAnew: Timed[] = [
      [90, poll(null, c)],
      [90, begun(NEW, c)],
    ]

    it('where the archive does not reach the new process', () => {
      expect(takenAfter(...bothLoad, ...beganAnew, [91, cut(c)])).to.equal(1)
    })

    it('where a process that ran something else began anew', () => {
      expect(takenAfter(...bothLoad.slice(0, 3), ...beganAnew, [91, cut(c)])).to.equal(1)
    })

    const cRuns: Timed[] = [
      [91, sent(c)],
      [120, poll(NEW, c)],
    ]

    it('also when it runs something, where as many fell silent as two', () => {
      expect(takenAfter(...bothLoad, ...beganAnew, ...cRuns)).to.equal(1)
      expect(takenAfter(...bothLoad.slice(0, 3), ...beganAnew, ...cRuns)).to.equal(1)
    })

    it('until all that fell silent but one are heard, and that one has a successor that runs something', () => {
      expect(takenAfter(...bothLoad, ...beganAnew, ...cRuns, [121, poll(NEW, b)])).to.equal(0)
    })

    it('until as many that took their places run something', () => {
      const other = processName('d')
      const second: Timed[] = [
        [90.06, poll(null, other)],
        [90.06, begun(NEW, other)],
        [92, sent(other)],
        [121, poll(NEW, other)],
      ]
      const [fresh, offered] = beganAnew as [Timed, Timed]
      const [first, ...rest] = second as [Timed, ...Timed[]]
      expect(
        takenAfter(...bothLoad, fresh, offered, first, ...rest.slice(0, 2), ...cRuns, ...rest.slice(2)),
      ).to.equal(0)
    })

    it('until the silence is a loss', () => {
      const facts: Timed[] = [...bothLoad, ...beganAnew, [91, cut(c)], [800, silence(a)], [800, silence(b)]]
      expect(takenAfter(...facts)).to.equal(0)
    })

    it('through one crash after the other, also when all are lost that fell silent at first', () => {
      const again = processName('d')
      const crashes: Timed[] = [
        [500, poll(null, c)],
        [500, begun(NEW, c)],
        [501, sent(c)],
        [700, poll(null, again)],
        [700, begun(OLD, again)],
        [701, sent(again)],
        [800, silence(a)],
        [800, silence(b)],
        [810, poll(OLD, again)],
      ]
      expect(takenAfter(...bothLoad, ...crashes)).to.equal(1)
    })

    it('through a second crash', () => {
      const again = processName('d')
      const secondCrash: Timed[] = [
        [91, sent(c)],
        [120, poll(null, again)],
        [120, begun(NEW, again)],
      ]
      expect(takenAfter(...bothLoad, ...beganAnew, ...secondCrash, [121, cut(again)])).to.equal(1)
    })
  })

  it('is given up with an abort', () => {
    expect(taken(LOST, { ...rollout, goal: 'aborted' })).to.equal(0)
  })

  it('is not kept for ever by a bot that is gone: neither after its rollout nor during the next', () => {
    expect(taken(LOST, null)).to.equal(0)
    expect(taken(LOST_BEFORE, rollout, 'pod-9')).to.equal(0)
  })
})

describe('readiness', () => {
  const { rollout } = begin({ maxUpdating: 1, drain: 30 }, fleet(2))
  const isReady = (
    process: Partial<ProcessRecord>,
    isEvidence = true,
    drain = 30,
    during: Rollout | null = rollout,
  ) => readiness([unit('pod-1', process, { isEvidence })], { drain }, during).ready

  it('ends while a bot drains or loads, where its tag drains bots', () => {
    expect([isReady({}), isReady(LOADING), isReady({ standing: 'draining' })]).to.deep.equal([
      true,
      false,
      false,
    ])
    expect(isReady(LOADING, true, 0)).to.equal(true)
  })

  it('never ends for a bot that does not count as evidence', () => {
    expect(isReady(LOADING, false)).to.equal(true)
  })

  it('comes back to a bot that is lost after an offer when the rollout is aborted, or its step has its verdict', () => {
    const ended = rollout.steps.map((step) => ({ ...step, endedAt: START + 30 * MINUTE }))
    const readyDuring = (during: Rollout | null) => isReady(LOST, true, 30, during)
    expect(readyDuring(rollout)).to.equal(false)
    expect(readyDuring({ ...rollout, goal: 'aborted' })).to.equal(true)
    expect(readyDuring({ ...rollout, steps: ended })).to.equal(true)
    expect(readyDuring(null)).to.equal(true)
    expect(isReady(LOADING, true, 30, null), 'one that is not lost').to.equal(false)
  })
})
