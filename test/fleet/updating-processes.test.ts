import { expect } from 'chai'
import fc from 'fast-check'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { isUpdatingProcess } from '../../server/fleet/updating-processes.ts'
import { anyStep, takeSteps } from './any-step.ts'
import { begun, NEW, OLD, poll, POD, START } from './facts.ts'

describe('the bots that update', () => {
  it('are those of which a process does, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
        // Room for four: some are pushed out by others.
        const memory = new FleetMemory(4)
        takeSteps(memory, steps, () => {
          const expected = [...memory.bots('shop')].filter(({ processes }) =>
            processes.some(isUpdatingProcess),
          )
          const names = [...memory.updating('shop').bots.keys()]
          expect(names.toSorted()).to.deep.equal(expected.map(({ bot }) => bot).toSorted())
        })
      }),
    )
  })

  it('have, where thousands share a name, only the processes that update', () => {
    const memory = new FleetMemory(1000)
    const source = { ...POD, instance: null }
    const names = Array.from(
      { length: 100 },
      (_, n) => `${n.toString(16).padStart(12, '0')}40008000${'0'.repeat(12)}`,
    )
    for (const name of names) memory.take('shop', poll(OLD, name, { source }), START)
    memory.take('shop', begun(NEW, names[7]), START + 1000)
    const bot = memory.updatingBot('shop', POD.address)
    expect(bot?.crowded).to.be.true
    expect(bot?.processes.map(({ process: name }) => name)).to.deep.equal([names[7]])
  })
})
