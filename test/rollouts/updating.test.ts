import { expect } from 'chai'
import type { ProcessRecord } from '../../server/fleet/process-record.ts'
import { readiness } from '../../server/rollouts/readiness.ts'
import type { Rollout, Step } from '../../server/rollouts/rollout.ts'
import { countTaken } from '../../server/rollouts/updating.ts'
import { MINUTE, NEW, START } from '../fleet/facts.ts'
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

  it('is given up with an abort', () => {
    expect(taken(LOST, { ...rollout, goal: 'aborted' })).to.equal(0)
  })

  it('is not kept for ever by a bot that is gone: neither after its rollout nor during the next', () => {
    expect(taken(LOST, null)).to.equal(0)
    expect(taken(LOST_BEFORE, rollout, 'pod-9')).to.equal(0)
  })
})

describe('readiness', () => {
  const isReady = (process: Partial<ProcessRecord>, isEvidence = true, drain = 30) =>
    readiness([unit('pod-1', process, { isEvidence })], { drain }).ready

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
})
