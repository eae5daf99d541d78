import { IMMEDIATE, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { hasEnded, type Rollout } from './rollout.ts'
import { keyOf } from '../fleet/key-of.ts'

/** The rollouts under way, and the policies of tags, in memory: what polls are answered by. */
export class LiveRollouts {
  readonly #rollouts = new Map<string, Rollout>()
  readonly #policies = new Map<string, RolloutPolicy>()

  /** The rollout of a tag that has not ended; null: there is none. */
  find(model: string, tag: string): Rollout | null {
    // Most of the time there is none, and every poll asks.
    if (this.#rollouts.size === 0) return null
    return this.#rollouts.get(keyOf(model, tag)) ?? null
  }

  /** Takes in what became of a rollout; one that has ended is forgotten. */
  put(rollout: Rollout): void {
    const key = keyOf(rollout.model, rollout.tag)
    if (!hasEnded(rollout)) this.#rollouts.set(key, rollout)
    else if (this.#rollouts.get(key)?.id === rollout.id) this.#rollouts.delete(key)
  }

  /** Takes what is said of a model for all that there is. */
  replaceModel(
    model: string,
    rollouts: readonly Rollout[],
    policies: ReadonlyMap<string, RolloutPolicy>,
  ): void {
    this.dropModel(model)
    for (const rollout of rollouts) this.put(rollout)
    this.replacePolicies(model, policies)
  }

  /** Forgets all rollouts of a model. */
  dropModel(model: string): void {
    for (const key of this.#rollouts.keys()) if (isOfModel(key, model)) this.#rollouts.delete(key)
  }

  /** Takes what is said of the policies of a model's tags for all that there are. */
  replacePolicies(model: string, policies: ReadonlyMap<string, RolloutPolicy>): void {
    for (const key of this.#policies.keys()) if (isOfModel(key, model)) this.#policies.delete(key)
    for (const [tag, policy] of policies) this.setPolicy(model, tag, policy)
  }

  all(): Rollout[] {
    return [...this.#rollouts.values()]
  }

  /** How releases are brought out on a tag. */
  policy(model: string, tag: string): RolloutPolicy {
    return this.#policies.get(keyOf(model, tag)) ?? IMMEDIATE
  }

  /** @param policy null: the default. */
  setPolicy(model: string, tag: string, policy: RolloutPolicy | null): void {
    const key = keyOf(model, tag)
    if (policy === null) this.#policies.delete(key)
    else this.#policies.set(key, policy)
  }
}

function isOfModel(key: string, model: string): boolean {
  return key.startsWith(keyOf(model, ''))
}
