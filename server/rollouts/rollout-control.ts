import { setTimeout as pause } from 'node:timers/promises'
import { Semaphore } from '../../concurrency/semaphore.ts'
import { IMMEDIATE, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Quarantine } from '../catalog/rollouts.ts'
import { DomainError } from '../errors/errors.ts'
import type { CanBeSent } from '../releases/can-be-sent.ts'
import { findReleaseOrRefuse, findTagOrRefuse } from '../releases/find-or-refuse.ts'
import type { Digest } from '../releases/release.ts'
import type { PolicyFields } from '../releases/tag-mover.ts'
import { LATEST, type Tag } from '../releases/tag.ts'
import { readPolicyOrRefuse } from './read-policy.ts'
import { previewRollout, type RolloutPreview } from './rollout-preview.ts'
import type { RolloutChange } from './rollout-change.ts'
import type { RolloutRunner, RolloutRunnerDependencies } from './rollout-runner.ts'
import type { Rollout } from './rollout.ts'
import { isTakenBack } from './start-rollout.ts'
import { commandsIn, steerRollout, type RolloutCommand, type Steering } from './steer-rollout.ts'
import { takeLatestBack } from './take-latest-back.ts'
import { unitsOf, type Unit } from './unit.ts'
import { findSendableBefore } from './way-back.ts'

/** Milliseconds between two previews: what the catalog takes is no time of this process. */
const LONGEST_PAUSE = 100

/** Names a rollout, and says what somebody wants done with it. */
export interface RolloutOrder extends Steering {
  readonly model: string
  readonly id: string
  readonly command: RolloutCommand
  /** Which step is meant, from 0: nothing is done where another one is under way by now. undefined: whichever is. */
  readonly step?: number | undefined
}

/** How a tag's releases shall be brought out from now on. */
export interface PolicyChange {
  readonly model: string
  readonly tag: string
  /** null: the default, `immediate`. */
  readonly policy: PolicyFields | null
  readonly by: string
  /** @see Promotion.requireExpected */
  readonly requireExpected?: ((tag: Tag | undefined) => void) | undefined
}

/** A promotion that somebody thinks about. */
export interface PreviewedPromotion {
  readonly model: string
  readonly tag: string
  readonly release: number
  readonly policy?: PolicyFields | undefined
  readonly isRollback?: boolean
  /** @see RequestedMove.isHasty */
  readonly isHasty?: boolean | undefined
}

export interface RolloutControlDependencies extends Pick<
  RolloutRunnerDependencies,
  'access' | 'catalog' | 'clock' | 'probeHosts' | 'rollouts' | 'tracker'
> {
  readonly canBeSent: CanBeSent
  readonly runner: RolloutRunner
  /** For what cannot wait for room on a full disk; missing: the usual one. */
  readonly urgentCatalog?: Catalog
}

/** What people do to rollouts and policies. Promoting and rolling back: `releases/promote-release`, `roll-back-tag`. */
export class RolloutControl {
  readonly #dependencies: RolloutControlDependencies
  readonly #previews = new Semaphore(1)

  constructor(dependencies: RolloutControlDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Pauses, resumes, advances, aborts or tries again.
   *
   * @throws DomainError `rollout-not-found`; `rollout-state` where it has ended, is in another step, or its state does not allow it.
   */
  async steer({ model, id, command, step, ...steering }: RolloutOrder): Promise<Rollout> {
    const { catalog, rollouts, runner } = this.#dependencies
    // Before the change: a slow bucket holds up nobody else.
    const passedOver = command === 'abort' ? await this.#findUnsendable(model, id) : new Set<Digest>()
    // Where the disk is full, what goes forward takes none of the room that is kept for what goes back.
    const underWay = () => rollouts.all().find((each) => each.model === model && each.id === id)
    const isUrgent = command === 'abort' || command === 'pause' || underWay()?.isRollback === true
    const through = isUrgent ? this.#dependencies.urgentCatalog : undefined
    const steer = async (change: RolloutChange): Promise<Rollout> => {
      const rollout = underWay()
      if (rollout === undefined)
        throw notUnderWay({ model, id, command }, await catalog.findRollout(model, id))
      if (step !== undefined && step !== rollout.step) {
        throw rolloutState(rollout, `step ${rollout.step + 1} is under way, and step ${step + 1} was meant`)
      }
      const unitsOfTag = (): readonly Unit[] => change.units(rollout.tag, rollout.startedAt)
      const steered = steerRollout(rollout, command, unitsOfTag, change.now, steering)
      if (steered === undefined) {
        throw rolloutState(rollout, whyNot(rollout, command))
      }
      await change.apply(steered)
      await takeLatestBack(change, steered, passedOver)
      return change.consequences().rollouts.find((each) => each.id === id) ?? steered.rollout
    }
    return runner.change(model, steer, through)
  }

  /**
   * Sets or resets the policy of a tag; a rollout under way goes on by the one that it began with. Fields that are
   * missing get their defaults.
   *
   * @throws DomainError `policy-invalid` with the field in `data.field`; `model-not-found`, `tag-not-found`
   */
  async setPolicy({
    model,
    tag,
    policy,
    requireExpected,
  }: PolicyChange): Promise<{ tag: Tag; policy: RolloutPolicy }> {
    const { probeHosts, runner } = this.#dependencies
    const read = policy === null ? null : readPolicyOrRefuse(policy, { probeHosts })
    return runner.change(model, async (change) => {
      const found = await findTagOrRefuse(change.catalog, model, tag)
      requireExpected?.(found)
      await change.setPolicy(tag, read)
      return { tag: found, policy: read ?? IMMEDIATE }
    })
  }

  /**
   * Says what a promotion would come to if it began now, and changes nothing.
   *
   * @param signal Aborted where nobody waits for it any more: rejects with its reason where it waits for those before it.
   * @throws DomainError `model-not-found`, `release-not-found`, `policy-invalid`
   */
  preview(
    promotion: PreviewedPromotion,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<RolloutPreview> {
    // To look at 20,000 bots takes some 50 ms: one after the other, and as long a time for everybody else in between. Connections that wait are
    // accepted one in each turn of the event loop: with a preview in each turn, 200 of them had polls wait for seconds.
    return this.#previews.run(async () => {
      const begun = performance.now()
      try {
        return await this.#preview(promotion)
      } finally {
        await pause(Math.min(LONGEST_PAUSE, Math.ceil(performance.now() - begun)))
      }
    }, signal)
  }

  async #preview({
    model,
    tag,
    release,
    policy,
    isRollback = false,
    isHasty = false,
  }: PreviewedPromotion): Promise<RolloutPreview> {
    const { access, catalog, clock, probeHosts, rollouts, tracker } = this.#dependencies
    const { digest } = await findReleaseOrRefuse(catalog, model, release)
    const own = rollouts.policy(model, tag)
    const tagged = await catalog.findTag(model, tag)
    const underWay = rollouts.find(model, tag)
    const isFromTakenBack = await isTakenBack(catalog, underWay)
    const now = clock.now()
    return previewRollout({
      to: { release, digest },
      policy: policy === undefined ? own : readPolicyOrRefuse(policy, { probeHosts, defaults: own }),
      ...{ hasOwnPolicy: policy !== undefined, isRollback, isHasty },
      tagAt: tagged === undefined ? null : { release: tagged.release, digest: tagged.digest },
      ...{ underWay, isFromTakenBack },
      units: unitsOf(tracker.memory.bots(model), tag, { access, before: now }, now),
    })
  }

  /**
   * What `latest` must not go back to, as bots could not be sent it, where somebody aborts a rollout. That of another tag has
   * `latest` stay: an abort waits for no bucket then that may hang.
   */
  async #findUnsendable(model: string, id: string): Promise<ReadonlySet<Digest>> {
    if (this.#dependencies.rollouts.find(model, LATEST)?.id !== id) return new Set()
    return (await findSendableBefore(this.#dependencies, { model, tag: LATEST }, [])).passedOver
  }

  /** Since when and why these bytes need force to be promoted; undefined: they do not. */
  findQuarantine(model: string, digest: Digest): Promise<Quarantine | undefined> {
    return this.#dependencies.catalog.findQuarantine(model, digest)
  }
}

/** Why a rollout does not take a command, and what it takes. */
function whyNot({ state }: Rollout, command: RolloutCommand): string {
  const isDone = (command === 'pause' && state === 'paused') || (command === 'resume' && state === 'running')
  const takes = nameAlternatives(commandsIn(state))
  if (isDone) return `it is ${state} already, and takes ${takes}`
  return state === 'reverting'
    ? `it is being taken back, and takes only ${takes}`
    : `it is ${state}, and takes only ${takes}`
}

/** `pause, advance or abort` */
function nameAlternatives(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1')
}

function notUnderWay(
  { model, id, command }: Pick<RolloutOrder, 'model' | 'id' | 'command'>,
  rollout: Rollout | undefined,
): DomainError {
  if (rollout !== undefined) {
    const again = command === 'retry' ? howToTryAgain(rollout) : ''
    return rolloutState(rollout, `it has ended already (${rollout.state})${again}`)
  }
  return new DomainError('rollout-not-found', `The model "${model}" has no rollout ${id}.`, { model, id })
}

/** A promotion of what the tag points at would start nothing. Of what was replaced, or left nobody alone, there is nothing to try. */
function howToTryAgain({ model, tag, from, to, state, endCounts }: Rollout): string {
  const where = `${model}@${tag}`
  // `latest` moves by itself: a person can only take it back, to this one too.
  const promote = `slipway ${tag === LATEST ? 'rollback' : 'promote'} ${where} ${to.release}`
  const again = `; to have bots try release ${to.release} again: ${promote}`
  if (state === 'reverted') return `${again} --force`
  if (state === 'aborted') return again
  if (state !== 'done' || from === null || (endCounts?.failing ?? 1) === 0) return ''
  return `; as long as the tag is at release ${to.release}, to have bots that were left alone try it again: slipway rollback ${where} ${from.release} --wait, then ${promote}`
}

function rolloutState({ id, model, tag, state }: Rollout, why: string): DomainError {
  return new DomainError('rollout-state', `Rollout ${id} of "${model}@${tag}" was not changed: ${why}.`, {
    ...{ model, tag, id, state },
  })
}
