import { expect } from 'chai'
import fc from 'fast-check'
import type { Fact } from '../../server/fleet/fact.ts'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { TakenPlaces } from '../../server/rollouts/taken-places.ts'
import { unitsOf } from '../../server/rollouts/unit.ts'
import { countTaken } from '../../server/rollouts/updating.ts'
import { begun, MINUTE, NEW, OLD, poll, POD, processName, sent, silence, START } from '../fleet/facts.ts'
import { begin, fleet } from './rollout-support.ts'

const TAG = { model: 'shop', tag: 'production' }
const TERMS = { access: { needsToken: false }, before: START + 9_000 * MINUTE }

const process = fc.constantFrom(...['a', 'b', 'c', 'd', 'e'].map(processName))
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .tuple(fc.constantFrom(null, OLD, NEW), process, fc.constantFrom('pod-1', 'pod-2', 'pod-3'))
    .map(([runs, name, instance]) => poll(runs, name, { source: { ...POD, instance } })),
  process.map((name) => begun(NEW, name)),
  process.map((name) => sent(name)),
  process.map((name) => silence(name)),
  fc.record({
    kind: fc.constant('answered' as const),
    process,
    standing: fc.constantFrom('draining' as const, 'in-sync' as const),
  }),
)

describe('the places that are taken', () => {
  it('are what a look at every bot tells, whatever comes', () => {
    const { rollout } = begin({ maxUpdating: 1 }, fleet(2))
    const ended = { ...rollout, steps: rollout.steps.map((step) => ({ ...step, endedAt: START })) }
    const during = fc.constantFrom(null, rollout, { ...rollout, waited: 7 }, ended)
    fc.assert(
      fc.property(fc.array(fc.tuple(fact, during, fc.constantFrom(0, 1, 20)), { maxLength: 60 }), (steps) => {
        const memory = new FleetMemory(100)
        const places = new TakenPlaces(memory)
        let now = START
        for (const [each, of, minutes] of steps) {
          memory.take('shop', each, (now += minutes * MINUTE))
          const fresh = countTaken(unitsOf([...memory.bots('shop')], TAG.tag, TERMS, now), of)
          expect(places.count({ ...TAG, rollout: of }, TERMS, now)).to.equal(fresh)
        }
      }),
    )
  })

  it('are not counted again for each bot that waits, but where a bot has changed', () => {
    const memory = new CountingMemory(100)
    const places = new TakenPlaces(memory)
    const pods = ['a', 'b', 'c'].map(processName)
    const source = (instance: string) => ({ source: { ...POD, instance } })
    for (const name of pods) {
      for (const each of [
        poll(null, name, source(name)),
        begun(OLD, name),
        sent(name),
        poll(OLD, name, source(name)),
      ])
        memory.take('shop', each, START)
      memory.take('shop', begun(NEW, name), START)
    }
    const count = () => places.count({ ...TAG, rollout: null }, TERMS, START + 1000)
    for (let waiting = 0; waiting < 10; waiting++) expect(count()).to.equal(3)
    expect(memory.looks).to.equal(3)
    memory.take('shop', sent(pods[1]), START + 1000)
    expect(count()).to.equal(3)
    expect(memory.looks).to.equal(4)
  })
})

class CountingMemory extends FleetMemory {
  looks = 0

  override updatingBot(model: string, name: string) {
    this.looks++
    return super.updatingBot(model, name)
  }
}
