import { expect } from 'chai'
import { isUrgent } from '../../server/rollouts/is-urgent.ts'
import type { Rollout, RolloutState } from '../../server/rollouts/rollout.ts'

function urgent(state: RolloutState, more: Pick<Rollout, 'isRollback'> = {}): boolean {
  return isUrgent({ rollout: { state, ...more } as Rollout })
}

describe('what is written down of rollouts also where the disk is full', () => {
  it('is what has bots keep, or get back, what works', () => {
    for (const state of ['paused', 'reverting', 'reverted', 'aborted'] as const)
      expect(urgent(state), state).to.equal(true)
  })

  it('is no step that goes on, and no end of the last one', () => {
    for (const state of ['running', 'done', 'replaced'] as const) expect(urgent(state), state).to.equal(false)
  })

  it('is each step of a rollback', () => {
    for (const state of ['running', 'done'] as const)
      expect(urgent(state, { isRollback: true }), state).to.equal(true)
  })
})
