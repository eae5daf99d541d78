import { expect } from 'chai'
import fc from 'fast-check'
import { ROLLOUT_STATES, type Rollout } from '../../server/rollouts/rollout.ts'
import { replaceRollout, steerRollout, type RolloutCommand } from '../../server/rollouts/steer-rollout.ts'
import { NEW, START } from '../fleet/facts.ts'
import { begin, effectsOf, fleet, judge } from './rollout-support.ts'

const COMMANDS: readonly RolloutCommand[] = ['pause', 'resume', 'advance', 'abort', 'retry']
const units = fleet(4)
const canary = begin({ steps: [1, '100%'] }, units).rollout
const ann = { by: 'ann', reason: null }

function steer(rollout: Rollout, command: RolloutCommand, reason: string | null = null) {
  return steerRollout(rollout, command, () => units, START + 1000, { ...ann, reason })
}

describe('steerRollout', () => {
  it('pauses and resumes', () => {
    const paused = steer(canary, 'pause')!.rollout
    expect(paused).to.include({ state: 'paused', reason: 'paused by ann' })
    expect(steer(paused, 'resume')!.rollout.state).to.equal('running')
  })

  it('does not tell that the rollout begins where its first step goes on', () => {
    expect(effectsOf(begin({ steps: [1, '100%'] }, units), 'changed')).to.deep.include.members([
      { kind: 'changed', state: 'running', step: 0, stepState: 'running', reason: null, began: true },
    ])
    const resumed = steer(steer(canary, 'pause')!.rollout, 'resume')!
    expect(effectsOf(resumed, 'changed')[0]).to.include({ state: 'running', step: 0, began: false })
  })

  it('passes the step under way, in the name of who asked', () => {
    const advanced = steer(canary, 'advance')!
    expect(advanced.rollout.step).to.equal(1)
    expect(effectsOf(advanced, 'move-tag')[0]).to.include({ by: 'ann' })
    expect(steer(advanced.rollout, 'advance')!.rollout.state).to.equal('done')
  })

  it('goes back without quarantine where it is aborted', () => {
    const aborted = steer(canary, 'abort', 'wrong day')!
    expect(aborted.rollout).to.include({ state: 'reverting', goal: 'aborted', reason: 'wrong day' })
    expect(effectsOf(aborted, 'quarantine')).to.deep.equal([])
    expect(judge(aborted.rollout, units, 60).rollout.state).to.equal('aborted')
  })

  it('waits no longer for bots that do not go back where it is aborted in haste once more, a minute later', () => {
    const hasty = { ...ann, hasty: true }
    const abort = (rollout: Rollout, seconds: number): Rollout =>
      steerRollout(rollout, 'abort', () => units, START + seconds * 1000, hasty)!.rollout
    const once = abort(canary, 1)
    expect(once).to.include({ state: 'reverting', hasty: true })
    const repeated = abort(once, 31)
    expect(repeated).to.include({ state: 'reverting', hasty: true, judgedAt: once.judgedAt })
    expect(abort(repeated, 61)).to.include({ state: 'aborted', endedAt: START + 61_000 })
    const slowly = steerRollout(canary, 'abort', () => units, START, ann)!.rollout
    expect(abort(abort(slowly, 61), 62), 'in haste for a second only').to.include({ state: 'reverting' })
    const plain = steerRollout(once, 'abort', () => units, START + 50_000, ann)!.rollout
    expect(abort(plain, 61), 'with an abort without haste between').to.include({ state: 'aborted' })
  })

  it('ends as what it is where a person hastens what Slipway takes back by itself, and keeps why', () => {
    const reverting = {
      ...canary,
      state: 'reverting',
      goal: 'reverted',
      reason: '2 of 3 bots failed',
    } as const
    const hasty = { ...ann, hasty: true }
    const hastened = steerRollout(reverting, 'abort', () => units, START + 1000, hasty)!.rollout
    expect(hastened).to.include({ state: 'reverting', goal: 'reverted', hasty: true })
    expect(hastened.reason).to.include('2 of 3 bots failed')
    expect(judge(hastened, units, 60).rollout.state).to.equal('reverted')
  })

  it('keeps why it goes back where it is aborted once more, with another reason, the same or none', () => {
    const paused = { ...canary, state: 'paused' as const, reason: '3 of 5 bots could not load release 2' }
    const aborted = steer(paused, 'abort', 'wrong day')!.rollout
    const first = 'wrong day; before: 3 of 5 bots could not load release 2'
    expect(aborted.reason).to.equal(first)
    for (const again of [undefined, 'wrong day'])
      expect(steer(aborted, 'abort', again)!.rollout.reason).to.equal(first)
    expect(steer(aborted, 'abort', 'in haste')!.rollout.reason).to.equal(`in haste; before: ${first}`)
  })

  it('keeps what had it stop where a person passes the step all the same, within what a reason may be', () => {
    const paused = { ...canary, state: 'paused' as const, reason: '3 of 5 bots could not load release 2' }
    expect(steer(paused, 'advance')!.rollout.reason).to.equal(
      'step 1 was passed by ann; before: 3 of 5 bots could not load release 2',
    )
    expect(steer(paused, 'advance', 'known')!.rollout.reason).to.match(/^known; before: 3 of 5 bots/)
    const long = steer({ ...paused, reason: 'x'.repeat(1000) }, 'advance', 'y'.repeat(600))!.rollout.reason
    expect(long).to.have.length(1000)
    expect(long).to.match(/^y{600}; before: x+…$/)
    expect(steer(paused, 'advance', 'y'.repeat(1000))!.rollout.reason).to.equal('y'.repeat(1000))
  })

  it('aborts where nothing was before, and leaves the tag', () => {
    const first = begin({}, units, null).rollout
    expect(steer(first, 'abort')!.rollout.state).to.equal('aborted')
  })

  it('forgets failures and restarts the clock to try again', () => {
    const late = judge(canary, units, 3600).rollout
    expect(late.state).to.equal('paused')
    const asked = { ...late, probes: { [late.steps[0]!.members[0]!]: 'failed' as const } }
    const again = steer(asked, 'retry')!
    expect(again.rollout.probes).to.deep.equal({})
    expect(effectsOf(again, 'forget-failures')[0]!.target).to.deep.equal(NEW)
    expect(again.rollout).to.include({ state: 'running', waited: 0 })
  })

  it('looks for bots anew where a step had none', () => {
    const nobody = fleet(4).map((each) => ({ ...each, isEvidence: false }))
    const empty = judge(begin({ steps: [1, '100%'] }, nobody).rollout, nobody, 1).rollout
    expect(steer(empty, 'resume')!.rollout.steps[0]!.members).to.have.length(1)
  })

  it('refuses what the state does not allow, and abort only where the rollout has ended', () => {
    const ended = ['done', 'reverted', 'aborted', 'replaced']
    fc.assert(
      fc.property(fc.constantFrom(...ROLLOUT_STATES), fc.constantFrom(...COMMANDS), (state, command) => {
        const after = steer({ ...canary, state }, command)
        if (ended.includes(state)) expect(after).to.equal(undefined)
        else if (command === 'abort') expect(after).not.to.equal(undefined)
      }),
    )
  })
})

describe('replaceRollout', () => {
  it('says who promoted another release, and why the rollout was going back already', () => {
    const promotion = { by: 'ann', to: 3, isRollback: false }
    expect(replaceRollout(canary, promotion, START)).to.include({
      state: 'replaced',
      endedAt: START,
      reason: 'replaced by a promotion of release 3 by ann',
    })
    const reverting = steer(canary, 'abort', 'wrong day')!.rollout
    const { reason } = replaceRollout(reverting, { by: 'ann', to: 1, isRollback: true }, START)
    expect(reason).to.equal('wrong day; replaced by a rollback to release 1 by ann')
  })

  it('leaves one that has ended as it is', () => {
    const done: Rollout = { ...canary, state: 'done' }
    expect(replaceRollout(done, { by: 'ann', to: 3, isRollback: false }, START)).to.equal(done)
  })
})
