import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import type { Effect } from '../../server/rollouts/effect.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { RolloutChange } from '../../server/rollouts/rollout-change.ts'
import { NEW, START } from '../fleet/facts.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { begin, fleet } from './rollout-support.ts'

class CountingMemory extends FleetMemory {
  looks = 0;

  override *bots(model: string) {
    this.looks++
    yield* super.bots(model)
  }
}

describe('a change of a rollout', () => {
  it('has any number of bots asked without a look at the whole fleet for each', async () => {
    const memory = new CountingMemory(10)
    const catalog = await aCatalog()
    const { rollout } = begin({}, fleet(2))
    const effects = ['pod-1', 'pod-2'].map((bot): Effect => ({
      kind: 'probe',
      unit: `${bot}#a`,
      bot,
      target: NEW,
    }))
    const probes = await catalog.write('shop', async (writer) => {
      const dependencies = {
        memory,
        rollouts: new LiveRollouts(),
        access: { needsToken: false },
        random: randomBytes,
      }
      const change = new RolloutChange(dependencies, 'shop', writer, START)
      await change.apply({ rollout: { ...rollout, id: '1' }, effects })
      return change.consequences().probes
    })
    expect(probes.map(({ bot }) => bot)).to.deep.equal(['pod-1', 'pod-2'])
    expect(memory.looks).to.equal(0)
  })
})
