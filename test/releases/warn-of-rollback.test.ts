import { expect } from 'chai'
import { rollbackWarning } from '../../server/releases/warn-of-rollback.ts'
import type { Rollout, RolloutState } from '../../server/rollouts/rollout.ts'
import { begin, fleet } from '../rollouts/rollout-support.ts'

const ENDED = Date.UTC(2026, 10, 23, 9)

/** A rollout of the tag from one release to another. */
function rollout(from: number | null, to: number, state: RolloutState, more: Partial<Rollout> = {}): Rollout {
  const target = (release: number) => ({ release, digest: String(release).repeat(64) })
  const { rollout: begun } = begin({ steps: [1, '100%'] }, fleet(3))
  const endedAt = ['running', 'paused', 'reverting'].includes(state) ? null : ENDED
  return { ...begun, from: from === null ? null : target(from), to: target(to), state, endedAt, ...more }
}

const rollback = (from: number, to: number, state: RolloutState) =>
  rollout(from, to, state, { isRollback: true })

/** What a rollback from release `release` to `to` is warned of, after these rollouts, the last one first. */
function warned(release: number, to: number, last?: Rollout, before?: Rollout) {
  return rollbackWarning({ model: 'shop', tag: 'production', release, to }, last, before)
}

describe('a rollback that names no release', () => {
  it('is warned of nothing after a promotion, or where the tag stays', () => {
    expect(warned(3, 2)).to.equal(undefined)
    expect(warned(3, 2, rollout(2, 3, 'done'))).to.equal(undefined)
    expect(warned(2, 2, rollout(2, 3, 'running'))).to.equal(undefined)
  })

  for (const [state, says] of [
    ['reverting', 'release 3 is being taken back to release 2 already: this goes one release further back'],
    ['reverted', 'release 3 was taken back to release 2 already, at'],
    ['aborted', 'release 3 was taken back to release 2 already, at'],
  ] as const) {
    it(`is warned that it goes further back where a release is ${state}`, () => {
      const warning = warned(2, 1, rollout(2, 3, state))
      expect(warning?.code).to.equal('further-back')
      expect(warning?.message).to.include(says).and.include('further back, to 1')
      expect(warning?.message).to.include('(slipway rollback shop@production 2 undoes it)')
    })
  }

  it('is told where a rollback is paused that bots may be on the bad release yet', () => {
    const warning = warned(9, 8, rollback(20, 9, 'paused'))
    expect(warning?.message).to.include(
      'is paused, so that bots may still run 20: this goes one release further',
    )
  })

  for (const state of ['running', 'done'] as const) {
    it(`is warned that it goes further back where a rollback is ${state}`, () => {
      const warning = warned(2, 1, rollback(3, 2, state))
      expect(warning?.code).to.equal('further-back')
      expect(warning?.message).to.include('rolled back from release 3 to 2 already')
    })
  }

  it('is warned of nothing where a rollback came to nothing: the bots run what is to go', () => {
    for (const state of ['aborted', 'reverted', 'reverting'] as const) {
      expect(warned(3, 2, rollback(3, 2, state))).to.equal(undefined)
      expect(warned(3, 1, rollback(3, 2, state))).to.equal(undefined)
    }
  })

  it('is told where it leads to the release that somebody has just left', () => {
    const warning = warned(17, 10, rollback(10, 17, 'done'))
    expect(warning?.code).to.equal('undoes-rollback')
    expect(warning?.message).to.include('this undoes that, and goes to release 10 again')
  })

  it('is warned of nothing where what was taken back is no rollout of where the tag is', () => {
    expect(warned(5, 4, rollout(2, 3, 'reverted'))).to.equal(undefined)
    expect(warned(5, 4, rollback(3, 2, 'done'))).to.equal(undefined)
    expect(warned(2, 1, rollback(3, 2, 'replaced'))).to.equal(undefined)
  })

  it('is warned of nothing where it leads to what was taken back', () => {
    expect(warned(2, 3, rollout(2, 3, 'aborted'))).to.equal(undefined)
  })

  const passing = rollout(1, 3, 'running')
  const replaced = rollout(1, 2, 'replaced')

  it('is warned that a release is passed over that was replaced before all bots were seen running it', () => {
    const warning = warned(3, 1, passing, replaced)
    expect(warning?.code).to.equal('passed-over')
    expect(warning?.message).to.include('release 2 is passed over, as not all bots were seen running it')
    expect(warned(3, 1, { ...passing, state: 'paused' }, replaced)?.code).to.equal('passed-over')
  })

  it('is told where that was being taken back', () => {
    const message = warned(3, 1, passing, { ...replaced, goal: 'aborted' })?.message
    expect(message).to.include('release 2 is passed over, as it was being taken back')
  })

  it('is warned of no release passed over that is another story', () => {
    expect(warned(3, 1, passing, { ...replaced, state: 'done' })).to.equal(undefined)
    expect(warned(3, 1, passing, rollout(4, 2, 'replaced'))).to.equal(undefined)
    expect(warned(3, 1, passing, rollout(1, 3, 'replaced'))).to.equal(undefined)
    expect(warned(3, 1, { ...passing, state: 'done' }, replaced)).to.equal(undefined)
    expect(warned(3, 2, passing, rollout(2, 2, 'replaced'))).to.equal(undefined)
  })
})
