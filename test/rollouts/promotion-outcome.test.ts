import { expect } from 'chai'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { promotionOutcome, type PromotionQuestion } from '../../server/rollouts/promotion-outcome.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { NEW, OLD } from '../fleet/facts.ts'
import { begin, fleet } from './rollout-support.ts'

const CANARY = { steps: [1, '100%'] }
const canary = begin(CANARY, fleet(4)).rollout
const rollback: Rollout = { ...begin({}, fleet(4)).rollout, isRollback: true }
const OTHER = { release: 5, digest: '5'.repeat(64) }

/** What it comes to while a rollout to the new release is under way; a promotion of that release unless said. */
function outcome(underWay: Rollout | null, question: Partial<PromotionQuestion> = {}) {
  const asked = { to: NEW, tagAt: OLD, isRollback: false, policy: undefined }
  return promotionOutcome({ ...asked, ...question, underWay })
}

describe('promotionOutcome', () => {
  it('begins a rollout to where the tag is not, and none to where it is', () => {
    expect(outcome(null)).to.equal('rollout')
    expect(outcome(null, { to: OLD })).to.equal('unchanged')
    expect(outcome(null, { tagAt: null })).to.equal('rollout')
  })

  it('aborts a rollout where it goes back to what is stable, once', () => {
    expect(outcome(canary, { to: OLD })).to.equal('abort')
    expect(outcome({ ...canary, state: 'paused' }, { to: OLD })).to.equal('abort')
    expect(outcome({ ...canary, state: 'reverting' }, { to: OLD })).to.equal('unchanged')
  })

  it('begins another in place of one that leads elsewhere', () => {
    expect(outcome(canary, { to: OTHER })).to.equal('rollout')
  })

  it('starts nothing anew where the same is promoted again, also by the same policy', () => {
    expect(outcome(canary)).to.equal('unchanged')
    expect(outcome({ ...canary, state: 'paused' })).to.equal('unchanged')
    expect(outcome(canary, { policy: { ...IMMEDIATE, ...CANARY } })).to.equal('unchanged')
    expect(outcome(canary, { policy: { ...IMMEDIATE, ...CANARY, soak: 5 } })).to.equal('rollout')
  })

  it('begins anew where the same is promoted while it is taken back', () => {
    expect(outcome({ ...canary, state: 'reverting' })).to.equal('rollout')
  })

  it('starts nothing anew where the same rollback is sent again, but for one that is paused', () => {
    expect(outcome(rollback, { isRollback: true })).to.equal('unchanged')
    expect(outcome({ ...rollback, state: 'paused' }, { isRollback: true })).to.equal('rollout')
  })

  it('begins anew where somebody rolls back to what steps lead to, as those are skipped', () => {
    expect(outcome(canary, { isRollback: true })).to.equal('rollout')
  })

  it('compares no steps with a policy of a rollback, which takes none', () => {
    expect(outcome(rollback, { policy: { ...IMMEDIATE, ...CANARY } })).to.equal('unchanged')
  })

  for (const [name, slow] of [
    ['maxUpdating', { maxUpdating: 1 }],
    ['drain', { drain: 30 }],
  ] as const) {
    const hasty = { isRollback: true, isHasty: true }
    const careful: Rollout = { ...rollback, policy: { ...rollback.policy, ...slow } }
    const goingBack: Rollout = { ...canary, state: 'reverting', policy: { ...canary.policy, ...slow } }

    it(`hastens a rollback that ${name} slows down`, () => {
      expect(outcome(careful, hasty)).to.equal('rollout')
      expect(outcome(goingBack, { ...hasty, to: OLD })).to.equal('abort')
    })

    it(`hastens nothing that goes without ${name} already`, () => {
      expect(outcome(rollback, hasty)).to.equal('unchanged')
      expect(outcome({ ...goingBack, hasty: true }, { ...hasty, to: OLD })).to.equal('unchanged')
      expect(outcome({ ...goingBack, policy: canary.policy }, { ...hasty, to: OLD })).to.equal('unchanged')
    })
  }
})
