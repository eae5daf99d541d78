import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { Rollout } from './rollout.ts'
import { unitsOfBot, type EvidenceTerms } from './unit.ts'
import { countTaken } from './updating.ts'
import { keyOf } from '../fleet/key-of.ts'

/**
 * Milliseconds. What else may change a count than a process that updates, such as another machine under the name of its
 * bot, is seen that late at most.
 */
const VALID = 5_000

interface Counted {
  readonly at: number
  readonly rollout: Rollout | null
  /** Of the model, as memory had it. */
  readonly revision: number
  readonly taken: number
  readonly bots: ReadonlyMap<string, { readonly revision: number; readonly taken: number }>
}

/**
 * Counts the places of `maxUpdating` that are taken, of each bot only when it has changed: every bot that waits asks with
 * every poll, and 2,000 bots that load take 15 ms to look at.
 */
export class TakenPlaces {
  readonly #memory: FleetMemory
  readonly #last = new Map<string, Counted>()

  constructor(memory: FleetMemory) {
    this.#memory = memory
  }

  /**
   * @param terms Since when evidence counts, which is another time for another rollout.
   * @param now Milliseconds since 1970.
   */
  count(
    { model, tag, rollout }: { model: string; tag: string; rollout: Rollout | null },
    terms: EvidenceTerms,
    now: number,
  ): number {
    const key = keyOf(model, tag)
    const revision = this.#memory.updating(model).revision
    const before = this.#last.get(key)
    const last = before !== undefined && isValid(before, rollout, now) ? before : undefined
    if (last?.revision === revision) return last.taken
    const bots = new Map<string, { revision: number; taken: number }>()
    let taken = 0
    for (const [name, { revision }] of this.#memory.updating(model).bots) {
      const known = last?.bots.get(name)
      const one =
        known?.revision === revision
          ? known
          : { revision, taken: this.#countOf(model, name, { tag, rollout }, terms, now) }
      bots.set(name, one)
      taken += one.taken
    }
    this.#last.set(key, { at: last?.at ?? now, rollout, revision, taken, bots })
    return taken
  }

  #countOf(
    model: string,
    name: string,
    { tag, rollout }: { tag: string; rollout: Rollout | null },
    terms: EvidenceTerms,
    now: number,
  ): number {
    const bot = this.#memory.updatingBot(model, name)
    return bot === undefined ? 0 : countTaken(unitsOfBot(bot, tag, terms, now), rollout)
  }
}

/** Judging makes a new object of a rollout every few seconds; places depend on little of it. */
function isValid({ at, rollout: before }: Counted, rollout: Rollout | null, now: number): boolean {
  const isSame =
    before?.id === rollout?.id && before?.goal === rollout?.goal && before?.steps === rollout?.steps
  return isSame && now >= at && now - at < VALID
}
