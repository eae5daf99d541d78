import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { Digest } from '../releases/release.ts'
import { fallbackDigests } from './fallbacks.ts'
import type { Rollout } from './rollout.ts'
import { unitsOf, type EvidenceTerms } from './unit.ts'
import { countPopulation } from './updating.ts'
import { keyOf } from '../fleet/key-of.ts'

/** Milliseconds. Looking at 50,000 bots takes some 30 ms, and thousands of polls a second may ask. */
const VALID = 10_000

/** What takes a look at all bots of a tag. */
export interface Census {
  /** Units that a share of `maxUpdating` is taken of. */
  readonly population: number
  /** What evidence bots run, the last loaded first. */
  readonly fallbacks: readonly Digest[]
}

/** Takes a census of a tag where a poll's answer depends on it, and does not repeat it for some seconds. */
export class TagCensus {
  readonly #memory: FleetMemory
  readonly #last = new Map<string, { census: Census; at: number; rollout: string | undefined }>()

  constructor(memory: FleetMemory) {
    this.#memory = memory
  }

  /**
   * @param terms Since when evidence counts, which is another time for another rollout.
   * @param now Milliseconds since 1970.
   */
  read(
    { model, tag, rollout }: { model: string; tag: string; rollout: Rollout | null },
    terms: EvidenceTerms,
    now: number,
  ): Census {
    const key = keyOf(model, tag)
    const last = this.#last.get(key)
    const age = now - (last?.at ?? -Infinity)
    if (last !== undefined && last.rollout === rollout?.id && age >= 0 && age < VALID) return last.census
    const units = unitsOf(this.#memory.bots(model), tag, terms, now)
    const census = { population: countPopulation(units), fallbacks: fallbackDigests(units) }
    this.#last.set(key, { census, at: now, rollout: rollout?.id })
    return census
  }
}
