import { expect } from 'chai'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { steerRollout } from '../../server/rollouts/steer-rollout.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, SECOND, START } from '../fleet/facts.ts'
import { begin, change, failed, fleet, judge, loaded, LOADING } from './rollout-support.ts'

const access = { by: 'ann', reason: null }

function advance(rollout: Rollout, units: readonly Unit[], seconds: number): Rollout {
  return steerRollout(rollout, 'advance', () => units, START + seconds * SECOND, access)!.rollout
}

/** A rollout whose first bot cannot load the release, paused for a person. */
function failedCanary(steps: (number | string)[], count = 4) {
  const policy = { steps: steps as (number | `${number}%`)[], onFail: 'pause' as const }
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
    const { paused, canary, units } = failedCanary([1, '50%', '100%'])
    const second = advance(paused, units, 20)
    expect(judge(second, units, 30).rollout).to.include({ state: 'running', step: 1 })
    const [next] = second.steps[1]!.members.filter((id) => !canary.includes(id))
    const loading = change(units, [next!], loaded(NEW, START + 40 * SECOND))
    const third = judge(second, loading, 60).rollout
    expect(third).to.include({ state: 'running', step: 2 })
    const all = change(loading, othersOf(units, canary), loaded(NEW, START + 70 * SECOND))
    expect(judge(third, all, 90).rollout).to.include({
      state: 'done',
      reason: '3 bots of step 3 run release 8',
    })
  })

  it('stops again where another bot fails, and names that one alone', () => {
    const { paused, canary, units } = failedCanary([1, '50%', '100%'])
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

  it('goes through where no other bot is there', () => {
    const { paused, units } = failedCanary([1, '100%'], 1)
    const last = judge(advance(paused, units, 20), units, 30).rollout
    expect(last).to.include({
      state: 'done',
      reason: 'step 2 has only bots that were passed over in a step before',
    })
  })

  it('passes over nobody where the step went well, or is still loading', () => {
    const { rollout } = begin({ steps: [1, '100%'] }, fleet(3))
    const units = change(fleet(3), rollout.steps[0]!.members, LOADING)
    for (const step of advance(rollout, units, 20).steps) expect(step).not.to.have.property('passedOver')
  })
})
