import type { Rollout, RolloutState } from './rollout.ts'
import { keyOf } from '../fleet/key-of.ts'

/** How many rollouts of a tag ended so. */
export interface RolloutOutcomeCount {
  readonly model: string
  readonly tag: string
  readonly outcome: RolloutState
  readonly count: number
}

/** Counts how rollouts ended since the start, for metrics. */
export class RolloutOutcomes {
  readonly #counts = new Map<string, RolloutOutcomeCount>()

  /** Counts a rollout that has ended. */
  count({ model, tag, state }: Pick<Rollout, 'model' | 'tag' | 'state'>): void {
    const key = keyOf(model, keyOf(tag, state))
    const before = this.#counts.get(key)?.count ?? 0
    this.#counts.set(key, { model, tag, outcome: state, count: before + 1 })
  }

  all(): RolloutOutcomeCount[] {
    return [...this.#counts.values()]
  }
}
