import { expect } from 'chai'
import { NEW, START } from '../fleet/facts.ts'
import { begin, effectsOf, failed, fleet, judge, loaded } from './rollout-support.ts'
import { steerRollout } from '../../server/rollouts/steer-rollout.ts'

describe('a rollout of bytes that the release before has, too', () => {
  const again = { ...NEW, release: 5 }
  const rollout = () => begin({}, fleet(3), again).rollout

  it('is done where all run them', () => {
    expect(judge(rollout(), fleet(3, loaded(NEW, START)), 10).rollout.state).to.equal('done')
  })

  it('has nothing to go back to where bots that begin anew cannot load them: a person is told', () => {
    const after = judge(rollout(), fleet(3, { ...failed(NEW), digest: null }), 60)
    expect(after.rollout.state).to.equal('paused')
    expect(after.rollout.reason).to.match(/there is nothing to go back to$/)
    expect(effectsOf(after, 'quarantine')).to.deep.equal([])
  })

  it('that is aborted has ended at once, whatever bots run', () => {
    const units = fleet(3, loaded(NEW, START))
    const steering = { by: 'ann', reason: null }
    const aborted = steerRollout(rollout(), 'abort', () => units, START, steering)
    expect(judge(aborted!.rollout, units, 10).rollout).to.include({ state: 'aborted' })
  })
})
