import { expect } from 'chai'
import type { Step } from '../../server/rollouts/rollout.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { remainingMembers, workingMembers } from '../../server/rollouts/working-members.ts'
import { START } from '../fleet/facts.ts'
import { begin, fleet, LOADING, unit } from './rollout-support.ts'

const { rollout } = begin({ steps: [2, 3, '100%'] }, fleet(4))
const LOST = { lostAt: START }

function stepOf(...members: string[]): Step {
  return { ...rollout.steps[0]!, members }
}

const working = (step: Step, units: readonly Unit[]) => [...workingMembers(rollout, step, units)].toSorted()
const remaining = (step: Step, units: readonly Unit[]) => remainingMembers(rollout, step, units, 1)

/** One of several machines that share a name. */
function ofSharedName(name: string, process: string, more = {}): Unit {
  return { ...unit(process, more), id: `${name}#${process}`, bot: name }
}

describe('the bots of a step that may still show something', () => {
  it('are those of it that are there and count as evidence', () => {
    const units = [
      unit('a'),
      unit('b', LOST),
      unit('c', { ...LOADING, ...LOST }),
      unit('d', {}, { isEvidence: false }),
      unit('e'),
    ]
    expect(working(stepOf('a', 'b', 'c', 'd'), units)).to.deep.equal(['a'])
  })

  it('are counted once where they came to share a name since, or do so no more, and else each', () => {
    const apart = [ofSharedName('pod', 'p'), ofSharedName('pod', 'q')]
    expect(working(stepOf('pod'), apart)).to.deep.equal(['pod'])
    expect(working(stepOf('pod#p', 'pod#q'), apart)).to.deep.equal(['pod#p', 'pod#q'])
    const [one, other] = apart.map(({ processes }) => processes)
    const together = { ...unit('pod'), processes: [...one!, ...other!] }
    expect(working(stepOf('pod#p', 'pod#q'), [together])).to.deep.equal(['pod#p'])
  })
})

describe('the bots of a step that the next one has, too', () => {
  it('are all but those that were lost before they were offered the release', () => {
    const units = [unit('a'), unit('b', LOST), unit('c', { ...LOADING, ...LOST })]
    expect(remaining(stepOf('a', 'b', 'c', 'gone'), units)).to.deep.equal(['a', 'c', 'gone'])
  })

  it('are in the last step all of them, as it has all bots', () => {
    expect(remainingMembers(rollout, stepOf('a', 'b'), [unit('a'), unit('b', LOST)], 2)).to.have.length(2)
  })

  it('have one whose name is shared by another that is there', () => {
    const apart = [ofSharedName('pod', 'p', LOST), ofSharedName('pod', 'q')]
    expect(remaining(stepOf('pod'), apart)).to.deep.equal(['pod'])
    expect(remaining(stepOf('pod#p', 'pod#q'), apart)).to.deep.equal(['pod#q'])
  })
})
