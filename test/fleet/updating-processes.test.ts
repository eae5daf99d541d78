import { expect } from 'chai'
import fc from 'fast-check'
import type { Fact } from '../../server/fleet/fact.ts'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { isUpdatingProcess } from '../../server/fleet/updating-processes.ts'
import { begun, cut, NEW, OLD, poll, POD, processName, sent, START } from './facts.ts'

const process = fc.constantFrom(...['a', 'b', 'c', 'd', 'e'].map(processName))
const instance = fc.constantFrom('pod-1', 'pod-2', 'pod-3')

const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .tuple(fc.constantFrom(null, OLD, NEW), process, instance)
    .map(([runs, name, called]) => poll(runs, name, { source: { ...POD, instance: called } })),
  process.map((name) => begun(NEW, name)),
  process.map((name) => sent(name)),
  process.map((name) => cut(name)),
  fc.record({
    kind: fc.constant('answered' as const),
    process,
    standing: fc.constantFrom('draining' as const, 'in-sync' as const),
  }),
)

const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ fact }) },
  { weight: 1, arbitrary: fc.record({ forget: process }) },
)

describe('the bots that update', () => {
  it('are those of which a process does, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        // Room for four: some are pushed out by others.
        const memory = new FleetMemory(4)
        steps.forEach((each, index) => {
          if ('fact' in each) memory.take('shop', each.fact, START + index * 1000)
          else memory.forget('shop', each.forget)
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
