import fc from 'fast-check'
import type { Fact } from '../../server/fleet/fact.ts'
import type { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { begun, cut, MINUTE, NEW, OLD, poll, POD, processName, sent, silence, START } from './facts.ts'

const process = fc.constantFrom(...['a', 'b', 'c', 'd', 'e'].map(processName))
const instance = fc.constantFrom('pod-1', 'pod-2', 'pod-3')

const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .tuple(fc.constantFrom(null, OLD, NEW), process, instance)
    .map(([runs, name, called]) => poll(runs, name, { source: { ...POD, instance: called } })),
  process.map((name) => begun(NEW, name)),
  process.map((name) => sent(name)),
  process.map((name) => cut(name)),
  process.map((name) => silence(name)),
  fc.record({
    kind: fc.constant('answered' as const),
    process,
    standing: fc.constantFrom(
      ...(['draining', 'in-sync', 'waiting', 'left-alone'] as const satisfies readonly string[]),
    ),
  }),
)

/** What may happen to what memory knows of the model `shop`. */
export type Step = { fact: Fact; after: number } | { forget: string } | { retry: true }

/** Any step; facts come some seconds after each other, or half an hour. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 18, arbitrary: fc.record({ fact, after: fc.constantFrom(1000, 1000, 1000, 30 * MINUTE) }) },
  { weight: 2, arbitrary: fc.record({ forget: process }) },
  { weight: 1, arbitrary: fc.constant({ retry: true as const }) },
)

/** Takes steps into memory. @param look Called after each. */
export function takeSteps(memory: FleetMemory, steps: readonly Step[], look: () => void): void {
  let now = START
  for (const step of steps) {
    if ('fact' in step) memory.take('shop', step.fact, (now += step.after))
    else if ('forget' in step) memory.forget('shop', step.forget)
    else memory.forgetFailures('shop', NEW.digest)
    look()
  }
}
