import { expect } from 'chai'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { withoutSteps } from '../../server/rollouts/begin-rollout.ts'
import { previewRollout, type PreviewQuestion } from '../../server/rollouts/rollout-preview.ts'
import { NEW, OLD } from '../fleet/facts.ts'
import { begin, fleet } from './rollout-support.ts'

const POLICY = { ...IMMEDIATE, steps: [1, '100%'], soak: 600, maxUpdating: 2 }

describe('a preview', () => {
  const preview = (more: Partial<PreviewQuestion>) =>
    previewRollout({
      to: NEW,
      tagAt: OLD,
      underWay: null,
      isFromTakenBack: false,
      units: fleet(3),
      policy: POLICY,
      hasOwnPolicy: false,
      isRollback: false,
      ...more,
    })
  const stepsOf = (more: Partial<PreviewQuestion>) => {
    const { policy, steps } = preview(more)
    return { policy, steps: steps.map(({ target, bots }) => [target, bots]) }
  }

  it('of a promotion tells the steps of its policy', () => {
    const steps = [
      [1, 1],
      ['100%', 3],
    ]
    expect(stepsOf({})).to.deep.equal({ policy: POLICY, steps })
  })

  it('of a rollback tells no steps and no soak, as it then has none', () => {
    const steps = [['100%', 3]]
    expect(stepsOf({ isRollback: true })).to.deep.equal({ policy: withoutSteps(POLICY), steps })
  })

  it('of the same archive under another number tells no steps and no soak either', () => {
    const to = { release: 9, digest: OLD.digest }
    expect(stepsOf({ to })).to.deep.equal({ policy: withoutSteps(POLICY), steps: [['100%', 3]] })
  })

  it('of what is stable itself tells nothing to go back to, as a rollout of it has nothing', () => {
    const underWay = { ...begin({}, fleet(3), null).rollout, state: 'paused' as const }
    expect(preview({ underWay, tagAt: NEW }).from).to.equal(null)
  })
})
