import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { CatalogWriter } from '../catalog/catalog.ts'
import type { NewEvent } from '../catalog/events.ts'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Target } from '../fleet/process-record.ts'
import type { Digest, ServedRelease } from '../releases/release.ts'
import type { MoveCircumstances, TagMove } from '../releases/tag.ts'
import type { Advanced, Effect } from './effect.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import { drawOrder } from './membership.ts'
import { countJudged, rolloutCounts } from './rollout-counts.ts'
import { hasEnded, type Rollout } from './rollout.ts'
import { unitsOf, type Unit } from './unit.ts'
import type { JudgedUnit } from './unit-status.ts'

export interface RolloutChangeDependencies {
  readonly memory: FleetMemory
  readonly rollouts: LiveRollouts
  readonly access: PullAccess
  /** As `randomBytes` of node:crypto. */
  readonly random: (bytes: number) => Buffer
}

/** What memory has to learn, and what is to be done, once a change is durable. */
export interface RolloutConsequences {
  /** The last word on each rollout that changed, in the order in which they began. */
  readonly rollouts: readonly Rollout[]
  /** null: the default. */
  readonly policies: readonly { tag: string; policy: RolloutPolicy | null }[]
  /** Releases that bots may be offered from now on. */
  readonly releases: readonly ServedRelease[]
  readonly forgotten: readonly Digest[]
  readonly probes: readonly { rollout: string; unit: string; bot: string; target: Target }[]
  /** What a person must know although nothing was concluded for others. */
  readonly alerts: readonly { rollout: Rollout; reason: string }[]
}

/**
 * One change of a model's rollouts under way: it writes into the transaction that it is given, and notes what memory must
 * learn once that is durable. Where the transaction fails, both are dropped.
 */
export class RolloutChange {
  readonly model: string
  readonly catalog: CatalogWriter
  /** Milliseconds since 1970. */
  readonly now: number
  readonly #dependencies: RolloutChangeDependencies
  readonly #changed = new Map<string, Rollout>()
  readonly #underWay = new Map<string, Rollout>()
  readonly #policies: { tag: string; policy: RolloutPolicy | null }[] = []
  readonly #releases: ServedRelease[] = []
  readonly #forgotten: Digest[] = []
  readonly #probes: { rollout: string; unit: string; bot: string; target: Target }[] = []
  readonly #alerts: { rollout: Rollout; reason: string }[] = []

  constructor(dependencies: RolloutChangeDependencies, model: string, catalog: CatalogWriter, now: number) {
    this.#dependencies = dependencies
    this.model = model
    this.catalog = catalog
    this.now = now
  }

  /** The rollout of a tag, as this change left it; null: none, or it has ended. */
  find(tag: string): Rollout | null {
    const changed = this.#underWay.get(tag)
    if (changed === undefined) return this.#dependencies.rollouts.find(this.model, tag)
    return changed.endedAt === null ? changed : null
  }

  policy(tag: string): RolloutPolicy {
    return this.#dependencies.rollouts.policy(this.model, tag)
  }

  /** What decides which bots of a rollout that begins come first. */
  drawOrder(): string {
    return drawOrder(this.#dependencies.random)
  }

  /** All units of a tag. @param before When its rollout began; those that proved themselves before count. */
  units(tag: string, before = this.now): Unit[] {
    const { access, memory } = this.#dependencies
    return unitsOf(memory.bots(this.model), tag, { access, before }, this.now)
  }

  /**
   * Writes down what became of a rollout, and does what follows.
   *
   * @param judged All units of its tag, where they were judged before: they are not looked at once more then.
   */
  async apply({ rollout: advanced, effects }: Advanced, judged?: readonly JudgedUnit[]): Promise<void> {
    const rollout = hasEnded(advanced) ? this.#withEndCounts(advanced, judged) : advanced
    for (const effect of effects) await this.#follow(rollout, effect)
    await this.catalog.saveRollout(rollout)
    this.#changed.set(rollout.id, rollout)
    this.#underWay.set(rollout.tag, rollout)
  }

  /** What its bots run later says nothing of it any more. */
  #withEndCounts(rollout: Rollout, judged: readonly JudgedUnit[] | undefined): Rollout {
    const endCounts =
      judged === undefined
        ? rolloutCounts(rollout, this.units(rollout.tag, rollout.startedAt))
        : countJudged(judged)
    return { ...rollout, endCounts }
  }

  /** Points a tag at a release, or nowhere, and raises `tag.moved`. */
  async moveTag(
    tag: string,
    to: number | null,
    { by, reason }: { by: string; reason: string | null },
  ): Promise<void> {
    const movedAt = new Date(this.now).toISOString()
    const circumstances: MoveCircumstances = { movedAt, movedBy: by, reason }
    const move = await this.catalog.moveTag(this.model, tag, to, circumstances)
    await this.catalog.addEvents([this.#tagMoved(move)])
  }

  async setPolicy(tag: string, policy: RolloutPolicy | null): Promise<void> {
    await this.catalog.setTagPolicy(this.model, tag, policy)
    this.#policies.push({ tag, policy })
  }

  /** The policy of a tag that was deleted goes with it. */
  forgetPolicy(tag: string): void {
    this.#policies.push({ tag, policy: null })
  }

  /** Lets polls know a release that no tag may point at yet. */
  async offer(number: number): Promise<void> {
    const release = await this.catalog.findReleaseSummary(this.model, number)
    if (release === undefined) return
    const { digest, size, filename } = release
    this.#releases.push({ number, digest, size, filename })
  }

  consequences(): RolloutConsequences {
    return {
      rollouts: [...this.#changed.values()],
      policies: this.#policies,
      releases: this.#releases,
      forgotten: this.#forgotten,
      probes: this.#probes,
      alerts: this.#alerts,
    }
  }

  async #follow(rollout: Rollout, effect: Effect): Promise<void> {
    const { model, tag, id } = rollout
    switch (effect.kind) {
      case 'move-tag': {
        const there = await this.catalog.findTag(model, tag)
        if (there?.release !== effect.to.release) await this.moveTag(tag, effect.to.release, effect)
        return
      }
      case 'quarantine':
        await this.catalog.quarantine(model, effect.target.digest, { at: this.now, reason: effect.reason })
        return
      case 'forget-failures':
        this.#forgotten.push(effect.target.digest)
        return
      case 'probe': {
        const { unit, bot, target } = effect
        this.#probes.push({ rollout: id, unit, bot, target })
        return
      }
      case 'changed': {
        const { from, to, startedBy } = rollout
        const { state, step, stepState, reason, began } = effect
        const body = {
          id,
          state,
          step,
          stepState,
          from: from?.release ?? null,
          to: to.release,
          reason,
          startedBy,
          began,
        }
        await this.catalog.addEvents([this.#event('rollout.changed', tag, body)])
        return
      }
      case 'alert':
        this.#alerts.push({ rollout, reason: effect.reason })
    }
  }

  #tagMoved({ tag, from, to, movedBy, reason }: TagMove): NewEvent {
    return this.#event('tag.moved', tag, { from, to, movedBy, reason })
  }

  #event(kind: string, tag: string, body: NewEvent['body']): NewEvent {
    return { at: this.now, kind, model: this.model, tag, bot: null, process: null, body }
  }
}
