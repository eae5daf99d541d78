import { expect } from 'chai'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { stableRelease } from '../../server/rollouts/stable-release.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, OLD, START } from '../fleet/facts.ts'
import { begin, change, failed, fleet, judge, loaded, LOADING } from './rollout-support.ts'

const NEXT = { release: 9, digest: '9'.repeat(64) }

/** What is stable where the next promotion begins in place of a rollout from the old to the new release. */
function after(underWay: Rollout, units: readonly Unit[] = fleet(3), isFromTakenBack = false) {
  return stableRelease({ underWay, to: NEXT, tagAt: NEW, isFromTakenBack, units })
}

describe('what is stable where a promotion begins', () => {
  const canary = begin({ steps: [1, '100%'] }, fleet(4)).rollout

  it('is the old release until a rollout is done', () => {
    expect(after(canary)).to.equal(OLD)
    expect(after({ ...canary, state: 'done' })).to.equal(NEW)
    expect(after(judge(begin({}, fleet(3)).rollout, fleet(3, failed(NEW)), 60).rollout)).to.equal(OLD)
  })

  it('is what a tag points at where no bot polls it', () => {
    const immediate = begin({}, []).rollout
    expect(after(immediate, [])).to.equal(NEW)
  })
})

describe('what is stable where a promotion begins in place of a rollback', () => {
  const rollback: Rollout = { ...begin({}, fleet(4)).rollout, isRollback: true }

  it('is what the rollback leads to: what it came from was rejected', () => {
    for (const state of ['running', 'paused', 'done'] as const)
      expect(after({ ...rollback, state })).to.equal(NEW)
  })

  it('is what the rollback came from where it came to nothing', () => {
    for (const state of ['reverting', 'reverted', 'aborted', 'replaced'] as const)
      expect(after({ ...rollback, state })).to.equal(OLD)
  })

  it('is what it came from where bots fail to load what it leads to, and none runs it', () => {
    expect(after(rollback, fleet(3, failed(NEW, 1)))).to.equal(OLD)
    const oneRuns = change(fleet(3, failed(NEW, 1)), ['pod-1'], { ...loaded(NEW, START), failures: [] })
    expect(after(rollback, oneRuns)).to.equal(NEW)
  })

  it('is what it leads to where few bots failed while others are loading it, or have yet to', () => {
    for (const others of [fleet(10, LOADING), fleet(10)]) {
      const units = change(others, ['pod-1'], { ...failed(NEW, 1), offer: null })
      expect(after(rollback, units)).to.equal(NEW)
    }
  })

  it('is not told by a bot that has gone, and ran it before', () => {
    const units = fleet(3, failed(NEW, 1))
    const gone = change(fleet(4), ['pod-4'], { ...loaded(NEW, START), lostAt: START }).slice(3)
    expect(after(rollback, [...units, ...gone])).to.equal(OLD)
  })
})

describe('what is stable where a promotion begins in place of one away from what was taken back', () => {
  const away = begin({}, fleet(4)).rollout

  it('is what that one brings out: bots get what was taken back only by force', () => {
    expect(after(away, fleet(3), true)).to.equal(NEW)
    expect(after({ ...away, state: 'paused' }, fleet(3), true)).to.equal(NEW)
  })

  it('is what was there before where only some were to try the other one: nothing else is known of it', () => {
    const canary = begin({ steps: [1, '100%'] }, fleet(4)).rollout
    for (const state of ['running', 'paused'] as const)
      expect(after({ ...canary, state }, fleet(4), true)).to.equal(OLD)
  })

  it('is what bots are being brought back to all the same where they are already', () => {
    expect(after({ ...away, state: 'reverting' }, fleet(3), true)).to.equal(OLD)
  })
})
