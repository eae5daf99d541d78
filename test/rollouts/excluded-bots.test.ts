import { expect } from 'chai'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { summarizeRollout } from '../../server/rollouts/describe-rollout.ts'
import { addToTally, newTally } from '../../server/rollouts/rollout-counts.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { isSelected } from '../../server/rollouts/select-release.ts'
import { steerRollout } from '../../server/rollouts/steer-rollout.ts'
import { judgeUnit } from '../../server/rollouts/unit-status.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, SECOND, START } from '../fleet/facts.ts'
import { begin, change, failed, fleet, judge, loaded, LOADING, unit } from './rollout-support.ts'

const access = { by: 'ann', reason: null }

function advance(rollout: Rollout, units: readonly Unit[], seconds: number): Rollout {
  return steerRollout(rollout, 'advance', () => units, START + seconds * SECOND, access)!.rollout
}

/** A rollout whose first bot cannot load the release, paused for a person. */
function failedCanary(steps: RolloutPolicy['steps'], count = 4, more: Partial<RolloutPolicy> = {}) {
  const policy = { steps, onFail: 'pause' as const, ...more }
  const { rollout } = begin(policy, fleet(count))
  const canary = rollout.steps[0]!.members
  const units = change(fleet(count), canary, failed(NEW))
  const paused = judge(rollout, units, 10).rollout
  expect(paused).to.include({ state: 'paused', step: 0 })
  return { paused, canary, units }
}

function othersOf(units: readonly Unit[], canary: readonly string[]): string[] {
  return units.map(({ id }) => id).filter((id) => !canary.includes(id))
}

describe('advance over a step in which bots failed', () => {
  it('leaves these bots out of later steps, which pass by the others', () => {
    const { paused, canary, units } = failedCanary([1, '25%', '100%'])
    const second = advance(paused, units, 20)
    expect(judge(second, units, 30).rollout).to.include({ state: 'running', step: 1 })
    const [next] = second.steps[1]!.members.filter((id) => !canary.includes(id))
    const loading = change(units, [next!], loaded(NEW, START + 40 * SECOND))
    const third = judge(second, loading, 60).rollout
    expect(third).to.include({ state: 'running', step: 2 })
    const all = change(loading, othersOf(units, canary), loaded(NEW, START + 70 * SECOND))
    expect(judge(third, all, 90).rollout).to.include({
      state: 'done',
      reason: `3 bots of step 3 run release 8; passed over before: ${canary[0]}`,
    })
  })

  it('stops again where another bot fails, and names that one alone', () => {
    const { paused, canary, units } = failedCanary([1, '25%', '100%'])
    const second = advance(paused, units, 20)
    const [next] = second.steps[1]!.members.filter((id) => !canary.includes(id))
    const after = judge(second, change(units, [next!], failed(NEW)), 30).rollout
    expect(after.state).to.equal('paused')
    expect(after.reason).to.match(/^1 of 1 bots could not load release 8/)
    expect(after.reason).to.include(next).and.not.to.include(canary[0])
  })

  it('has no rule of the last step count them either', () => {
    const { paused, canary, units } = failedCanary([2, '100%'], 5)
    const last = advance(paused, change(units, canary, failed(NEW)), 20)
    expect(judge(last, units, 30).rollout).to.include({ state: 'running', step: 1 })
  })

  it('waits for one that is sent the release once more, and counts it where it loads it', () => {
    const { paused, canary, units } = failedCanary([1, '100%'], 2)
    const last = advance(paused, units, 20)
    const ran = loaded(NEW, START + 30 * SECOND, START + 80 * SECOND)
    const others = change(units, othersOf(units, canary), ran)
    const again = change(others, canary, { ...LOADING, failures: [], standing: 'in-sync' })
    expect(judge(last, again, 50).rollout.state).to.equal('running')
    const both = change(others, canary, { ...loaded(NEW, START + 60 * SECOND), failures: [] })
    expect(judge(last, both, 80).rollout.reason).to.equal('2 bots of step 2 run release 8')
  })

  it('leaves out one that was lost with the release', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(2))
    const canary = rollout.steps[0]!.members
    const units = change(fleet(2), canary, { ...LOADING, lostAt: START + 5 * SECOND })
    const last = advance(rollout, units, 20)
    const others = change(units, othersOf(units, canary), loaded(NEW, START + 30 * SECOND))
    expect(judge(last, others, 50).rollout.state).to.equal('done')
  })

  it('has as many other bots in the next step as the policy says', () => {
    const { paused, canary, units } = failedCanary([1, '10%', '100%'], 10)
    const second = advance(paused, units, 20)
    expect(second.steps[1]!.members).to.have.length(2).and.to.include(canary[0])
    expect(judge(second, units, 30).rollout).to.include({ state: 'running', step: 1 })
    const last = advance(second, units, 40)
    expect(last.steps[2]!.members).to.have.length(10)
  })

  it('pauses the next step where no other bot is there, whatever the policy says of what is inconclusive', () => {
    for (const onInconclusive of ['pause', 'continue', 'revert'] as const) {
      const { paused, canary, units } = failedCanary([1, '50%', '100%'], 1, { onInconclusive })
      const second = judge(advance(paused, units, 20), units, 30).rollout
      expect(second).to.include({ state: 'paused', step: 1, tagMoved: false })
      expect(second.reason).to.include(`besides those that were passed over (${canary[0]})`)
      expect(judge(second, units, 60).rollout).to.include({ state: 'paused', reason: second.reason })
      const last = judge(advance(second, units, 70), units, 80).rollout
      expect(last).to.include({ state: 'paused', step: 2 })
      expect(advance(last, units, 90).state).to.equal('done')
    }
  })

  it('keeps it paused where the bots that were passed over have left the tag since', () => {
    for (const onInconclusive of ['continue', 'revert'] as const) {
      const { paused, canary, units } = failedCanary([1, '50%', '100%'], 1, { onInconclusive })
      const second = advance(paused, units, 20)
      const gone = judge(second, [], 30).rollout
      expect(gone).to.include({ state: 'paused', step: 1, tagMoved: false })
      expect(gone.reason).to.include(`(${canary[0]})`)
      expect(judge(gone, [], 90).rollout.state).to.equal('paused')
    }
  })

  it('has a step without other bots look for them anew, and the passed over try again, with retry', () => {
    const { paused, units } = failedCanary([1, '50%', '100%'], 1)
    const second = judge(advance(paused, units, 20), units, 30).rollout
    const more = [...units, ...fleet(3).slice(1)]
    const again = steerRollout(second, 'retry', () => more, START + 40 * SECOND, access)!.rollout
    expect(again.steps[1]!.members.length).to.be.above(1)
    for (const step of again.steps) expect(step).not.to.have.property('excluded')
  })

  it('counts of the next step as left alone none of those that were passed over', () => {
    const { paused, units } = failedCanary([1, '50%', '100%'])
    const failingOf = (rollout: Rollout) => {
      const tally = newTally()
      for (const each of units) addToTally(tally, rollout, judgeUnit(rollout, each))
      const { counts, steps } = summarizeRollout(rollout, tally)
      return [counts.failing, ...steps.map(({ failing }) => failing)]
    }
    expect(failingOf(paused)).to.deep.equal([1, 1, 0, 0])
    expect(failingOf(advance(paused, units, 20))).to.deep.equal([1, 0, 0, 0])
  })

  it('keeps the bots of a step where others are there, also where it is resumed', () => {
    const { paused, units } = failedCanary([1, '25%', '100%'], 8)
    const second = advance(paused, units, 20)
    const waiting: Rollout = { ...second, state: 'paused' }
    const more = [...units, ...fleet(12).slice(8)]
    const resumed = steerRollout(waiting, 'resume', () => more, START + 40 * SECOND, access)!.rollout
    expect(resumed.steps[1]!.members).to.deep.equal(second.steps[1]!.members)
  })

  it('has a step without other bots look for them anew where it is resumed', () => {
    const { paused, units } = failedCanary([1, '50%', '100%'], 1)
    const second = judge(advance(paused, units, 20), units, 30).rollout
    const more = [...units, ...fleet(3).slice(1)]
    const resumed = steerRollout(second, 'resume', () => more, START + 40 * SECOND, access)!.rollout
    expect(resumed.steps[1]!.members).to.have.length(2)
    expect(judge(resumed, more, 50).rollout).to.include({ state: 'running', step: 1 })
  })

  it('has the next step take others in place of a canary that was lost before it was offered the release', () => {
    const { rollout } = begin({ steps: [1, '25%', '100%'], onInconclusive: 'continue' }, fleet(4))
    const canary = rollout.steps[0]!.members
    const units = change(fleet(4), canary, { lostAt: START + 5 * SECOND })
    const second = advance(rollout, units, 20)
    expect(second.steps[1]!.members).to.have.length(1).and.not.include(canary[0])
    expect(judge(second, units, 30).rollout).to.include({ state: 'running', step: 1, tagMoved: false })
  })

  for (const target of [60, '30%'] as const) {
    it(`has no more bots in the next step than the policy says where lost ones come back: ${target}`, () => {
      const { rollout } = begin({ steps: [50, target, '100%'] }, fleet(200))
      const [first, ...others] = rollout.steps[0]!.members
      const run = change(fleet(200), [first!], loaded(NEW, START + 10 * SECOND))
      const second = advance(rollout, change(run, others, { lostAt: START + 300 * SECOND }), 310)
      const most = target === 60 ? 60 : Math.ceil(0.3 * (200 - others.length))
      expect(run.filter((unit) => isSelected(second, unit))).to.have.length(most)
    })
  }

  for (const command of ['resume', 'retry'] as const) {
    it(`has a canary that was paused, and lost meanwhile, make room for another with ${command}`, () => {
      const { rollout } = begin({ steps: [1, '100%'], onInconclusive: 'revert' }, fleet(4))
      const canary = rollout.steps[0]!.members
      const paused = steerRollout(rollout, 'pause', () => [], START + SECOND, access)!.rollout
      const units = change(fleet(4), canary, { lostAt: START + 5 * SECOND })
      const again = steerRollout(paused, command, () => units, START + 40 * SECOND, access)!.rollout
      expect(again.steps[0]!.members).to.have.length(1).and.not.include(canary[0])
      expect(judge(again, units, 50).rollout).to.include({ state: 'running', step: 0 })
    })
  }

  it('has the next step take another in place of a canary that was lost with the release', () => {
    const { rollout } = begin({ steps: [1, '25%', '100%'], onInconclusive: 'continue' }, fleet(4))
    const canary = rollout.steps[0]!.members
    const units = change(fleet(4), canary, { ...LOADING, lostAt: START + 5 * SECOND })
    const second = judge(rollout, units, 4_000).rollout
    expect(second).to.include({ state: 'running', step: 1 })
    expect(second.steps[1]!.members)
      .to.have.length(1 + 1)
      .and.include(canary[0])
  })

  it('has retry take new bots beside one that was passed over as it was lost', () => {
    const { rollout } = begin({ steps: [1, '10%', '100%'] }, fleet(1))
    const lost = change(fleet(1), ['pod-1'], { ...LOADING, lostAt: START + 5 * SECOND })
    const empty = judge(advance(rollout, lost, 20), lost, 30).rollout
    expect(empty).to.include({ state: 'paused', step: 1 })
    const more = [...lost, ...fleet(8).slice(1)]
    const again = steerRollout(empty, 'retry', () => more, START + 40 * SECOND, access)!.rollout
    expect(again.steps[1]!.members).to.have.length(1 + 1)
  })

  it('keeps waiting with resume for a canary that was lost with the release', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(4))
    const units = change(fleet(4), rollout.steps[0]!.members, { ...LOADING, lostAt: START + 5 * SECOND })
    const paused = judge(rollout, units, 4_000).rollout
    expect(paused).to.include({ state: 'paused', step: 0 })
    const again = steerRollout(paused, 'resume', () => units, START + 4_010 * SECOND, access)!.rollout
    expect(again.steps[0]!.members).to.deep.equal(rollout.steps[0]!.members)
  })

  it('has retry look for another canary where the one that failed is lost, or has left the tag', () => {
    const { paused, canary, units } = failedCanary([1, '100%'])
    const lost = change(units, canary, { lostAt: START + 30 * SECOND })
    for (const now of [lost, othersOf(units, canary).map((id) => units.find((unit) => unit.id === id)!)]) {
      const again = steerRollout(paused, 'retry', () => now, START + 40 * SECOND, access)!.rollout
      expect(again.steps[0]!.members)
        .to.have.length(1 + 1)
        .and.include(canary[0])
    }
  })

  it('has a canary that was taken with retry pass the step, and names the one that was lost with the release', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(4))
    const canary = rollout.steps[0]!.members
    const lost = change(fleet(4), canary, { ...LOADING, lostAt: START + 5 * SECOND })
    const paused = judge(rollout, lost, 4_000).rollout
    const again = steerRollout(paused, 'retry', () => lost, START + 4_010 * SECOND, access)!.rollout
    const others = again.steps[0]!.members.filter((id) => !canary.includes(id))
    const ran = change(lost, others, loaded(NEW, START + 4_020 * SECOND, START + 4_090 * SECOND))
    const passed = judge(again, ran, 4_090).rollout
    expect(passed.step).to.equal(1)
    expect(passed.reason).to.include(`passed over before: ${canary[0]}`)
    const twice = steerRollout(again, 'retry', () => lost, START + 4_020 * SECOND, access)!.rollout
    expect(judge(twice, ran, 4_090).rollout.step).to.equal(1)
  })

  it('has retry go on waiting for a lost canary where there is no other bot to take', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(1))
    const lost = change(fleet(1), ['pod-1'], { ...LOADING, lostAt: START + 5 * SECOND })
    const paused = judge(rollout, lost, 4_000).rollout
    const again = steerRollout(paused, 'retry', () => lost, START + 4_010 * SECOND, access)!.rollout
    expect(again.steps[0]).not.to.have.property('excluded')
    expect(judge(again, lost, 4_020).rollout).to.include({ state: 'running', step: 0 })
    const ran = change(lost, ['pod-1'], {
      ...loaded(NEW, START + 4_030 * SECOND, START + 4_090 * SECOND),
      lostAt: null,
    })
    expect(judge(again, ran, 4_090).rollout.step).to.equal(1)
  })

  it('has retry keep those of the last step that were lost with the release, beside new ones', () => {
    const { rollout } = begin({ steps: ['100%'], soak: 60 }, fleet(4))
    const lost = fleet(4, { ...LOADING, lostAt: START + 5 * SECOND })
    const paused = judge(rollout, lost, 4_000).rollout
    expect(paused.state).to.equal('paused')
    const units = [...lost, unit('pod-5')]
    const again = steerRollout(paused, 'retry', () => units, START + 4_010 * SECOND, access)!.rollout
    expect(again.steps[0]!.members).to.have.length(5)
    const ran = change(units, ['pod-5'], loaded(NEW, START + 4_020 * SECOND, START + 4_200 * SECOND))
    expect(judge(again, ran, 4_200).rollout.state).to.equal('running')
  })

  for (const command of ['resume', 'retry'] as const) {
    it(`has a step look for others with ${command} where its bots are lost or have left the tag`, () => {
      const { paused, canary, units } = failedCanary([1, '50%', '100%'], 1)
      const second = judge(advance(paused, units, 20), units, 30).rollout
      const others = fleet(5).filter(({ id }) => !canary.includes(id))
      const again = steerRollout(second, command, () => others, START + 40 * SECOND, access)!.rollout
      expect(again.steps[1]!.members).to.have.length(1 + 2)
      expect(judge(again, others, 50).rollout).to.include({ state: 'running', step: 1, tagMoved: false })
    })
  }

  it('pauses the next step where its other bots are lost before they are offered the release', () => {
    const { paused, canary, units } = failedCanary([1, '50%', '100%'])
    const second = advance(paused, units, 20)
    const silent = change(units, othersOf(units, canary), { lostAt: START + 25 * SECOND })
    expect(judge(second, silent, 400).rollout).to.include({ state: 'paused', step: 1, tagMoved: false })
  })

  it('counts one that was lost, and comes back to fail', () => {
    const { rollout } = begin({ steps: [1, '100%'], onFail: 'pause' }, fleet(3))
    const canary = rollout.steps[0]!.members
    const lost = change(fleet(3), canary, { ...LOADING, lostAt: START + 5 * SECOND })
    const last = advance(rollout, lost, 20)
    const back = change(fleet(3), canary, failed(NEW))
    const others = change(back, othersOf(back, canary), loaded(NEW, START + 30 * SECOND))
    const judged = judge(last, others, 90).rollout
    expect(judged.state).to.equal('running')
    expect(judge(judged, others, 4_000).rollout.reason).to.match(/left alone: /)
  })

  it('counts one that was left alone, loads the release after all, and answers a probe wrongly', () => {
    const { paused, canary, units } = failedCanary([1, '50%', '100%'], 4, {
      probes: [{ url: 'http://gateway/', status: 200 }],
    })
    const second = advance(paused, units, 20)
    const ran = { ...loaded(NEW, START + 30 * SECOND), failures: [] }
    const answered = { ...second, probes: { [canary[0]!]: 'failed' as const } }
    const { reason } = judge(answered, change(units, canary, ran), 60).rollout
    expect(reason).to.include(`${canary[0]}: a probe failed`)
  })

  it("leaves out one whose failures are nobody's fault", () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(3))
    const canary = rollout.steps[0]!.members
    const unclear = change(fleet(3), canary, failed(NEW, 0, { transfers: 9 }))
    const last = advance(rollout, unclear, 20)
    expect(last.steps[1]!.excluded).to.deep.equal({ lost: [], loads: canary, probes: [] })
    const others = change(unclear, othersOf(unclear, canary), loaded(NEW, START + 30 * SECOND))
    expect(judge(last, others, 90).rollout.state).to.equal('done')
  })

  it('counts one that could not load it, and then is lost with it', () => {
    const { paused, canary, units } = failedCanary([1, '100%'], 3)
    const last = advance(paused, units, 20)
    const silent = change(units, canary, { ...LOADING, failures: [], lostAt: START + 30 * SECOND })
    const others = change(silent, othersOf(silent, canary), loaded(NEW, START + 30 * SECOND))
    expect(judge(last, others, 90).rollout.state).to.equal('running')
  })

  it('counts one that was lost before it was offered the release, and is lost with it later', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(3))
    const canary = rollout.steps[0]!.members
    const last = advance(rollout, change(fleet(3), canary, { lostAt: START + 5 * SECOND }), 20)
    const hanging = change(fleet(3), canary, { ...LOADING, lostAt: START + 40 * SECOND })
    const others = change(hanging, othersOf(hanging, canary), loaded(NEW, START + 30 * SECOND))
    expect(judge(last, others, 90).rollout.state).to.equal('running')
  })

  it('takes of a share no more of the others than the policy says', () => {
    const { paused, units } = failedCanary([1, '50%', '100%'], 9)
    expect(advance(paused, units, 20).steps[1]!.members).to.have.length(1 + 4)
  })

  it('gives the place of one that has recovered to nobody else', () => {
    const { paused, canary, units } = failedCanary([1, 2, 3, '100%'], 9)
    const second = advance(paused, units, 20)
    expect(second.steps[1]!.members).to.have.length(3)
    const recovered = change(units, canary, { ...loaded(NEW, START + 30 * SECOND), failures: [] })
    expect(advance(second, recovered, 60).steps[2]!.members).to.have.length(3)
  })

  it('leaves out no bot of a later step, and keeps those of earlier ones', () => {
    const { paused, canary, units } = failedCanary([1, 2, '100%'], 6)
    const second = advance(paused, units, 20)
    const [next] = second.steps[1]!.members.filter((id) => !canary.includes(id))
    const [later] = units.map(({ id }) => id).filter((id) => !second.steps[1]!.members.includes(id))
    const failing = change(units, [next!, later!], failed(NEW))
    const last = advance(second, failing, 40)
    expect(last.steps[2]!.excluded).to.deep.equal({ lost: [], loads: [...canary, next], probes: [] })
  })

  it('counts all again where somebody has them try again', () => {
    const { paused, units } = failedCanary([1, '50%', '100%'])
    const second = advance(paused, units, 20)
    const again = steerRollout(second, 'retry', () => units, START + 30 * SECOND, access)!.rollout
    for (const step of again.steps) expect(step).not.to.have.property('excluded')
    expect(judge(again, units, 40).rollout).to.include({ state: 'paused', step: 1 })
  })

  it('passes over nobody where the step went well, or is still loading', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(3))
    const units = change(fleet(3), rollout.steps[0]!.members, LOADING)
    for (const step of advance(rollout, units, 20).steps) expect(step).not.to.have.property('excluded')
  })
})
