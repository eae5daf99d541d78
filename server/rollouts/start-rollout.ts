import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import type { Target } from '../fleet/process-record.ts'
import type { MoveOutcome, RequestedMove } from '../releases/tag-mover.ts'
import { requireRoomForTag } from '../releases/tag-limits.ts'
import type { Tag } from '../releases/tag.ts'
import { beginRollout, changed, withoutSteps } from './begin-rollout.ts'
import { planPromotion } from './plan-promotion.ts'
import { promotionOutcome } from './promotion-outcome.ts'
import { readPolicyOrRefuse } from './read-policy.ts'
import type { RolloutChange } from './rollout-change.ts'
import { isForAll, type Rollout } from './rollout.ts'
import { replaceRollout, steerRollout } from './steer-rollout.ts'
import type { Unit } from './unit.ts'

/**
 * Brings a release out on a tag: "every promotion is a rollout" (docs/rollouts.md). Where one is under way, it is aborted by
 * a promotion of what is stable, and replaced by any other.
 *
 * @param probeHosts Patterns of hosts that probes may ask.
 * @throws DomainError `release-quarantined`, `policy-invalid`, `too-many-tags`
 */
export async function startRollout(
  change: RolloutChange,
  move: RequestedMove,
  probeHosts: readonly string[],
): Promise<MoveOutcome> {
  const { catalog, model } = change
  const { tag, by } = move
  const to: Target = { release: move.to.number, digest: move.to.digest }
  const tagged = await catalog.findTag(model, tag)
  const underWay = change.find(tag)
  const { isHasty = false } = move
  const isRollback = move.kind === 'rollback'
  const tagAt = targetOf(tagged)
  // Refused where it cannot work, also where nothing comes of it.
  const defaults = change.policy(tag)
  const own = move.policy && readPolicyOrRefuse(move.policy, { probeHosts, defaults })
  const outcome = promotionOutcome({ to, tagAt, underWay, isRollback, isHasty, policy: own })
  if (outcome === 'unchanged') return outcome
  if (outcome === 'abort' && underWay !== null) {
    // Abort always wins: whoever names no release goes wherever the rollout came from. It brings nobody there who did not run it, so that
    // force lifts no quarantine here.
    if (move.namesNone !== true && move.force !== true)
      await requireNoQuarantine(change, to, move, ABORT_NEEDS_NONE)
    return abort(change, underWay, move)
  }
  const policy = own ?? defaults
  await requireNoQuarantine(change, to, move)
  if (tagged === undefined) await requireRoomForTag(catalog, model, tag)
  // To look at 50,000 bots for nothing would have polls wait.
  const units = underWay === null && isForAll({ steps: policy.steps, policy }) ? [] : change.units(tag)
  const isFromTakenBack = await isTakenBack(catalog, underWay)
  const plan = planPromotion({ underWay, to, tagAt, isFromTakenBack, units, policy, isRollback, isHasty })
  if (underWay !== null) {
    const replaced = replaceRollout(underWay, { by, to: to.release, isRollback }, change.now)
    await change.apply({ rollout: replaced, effects: [changed(replaced)] })
  }
  const id = await catalog.reserveRollout(model, tag, change.now)
  const begun = beginRollout(
    {
      ...{ id, model, tag, to, tagAt },
      ...plan,
      startedBy: by,
      reason: reasonOf(move),
      order: change.drawOrder(),
    },
    units,
    change.now,
  )
  await change.apply(begun)
  await change.offer(to.release)
  if (tagged === undefined) return 'created'
  return begun.rollout.tagMoved ? 'moved' : 'begun'
}

/** Brings out what a tag points at already on bots that will poll it from now on. */
export async function adoptBots(change: RolloutChange, tag: string, by: string): Promise<void> {
  const { catalog, model, now } = change
  const to = targetOf(await catalog.findTag(model, tag))
  if (to === null || change.find(tag) !== null) return
  const id = await catalog.reserveRollout(model, tag, now)
  const policy = withoutSteps(change.policy(tag))
  const order = change.drawOrder()
  const request = { id, model, tag, from: null, to, tagAt: to, order, policy, startedBy: by }
  const reason = `"${tag}" became the default tag of "${model}"`
  await change.apply(beginRollout({ ...request, reason }, change.units(tag), now))
}

/** Whether what a rollout came from was taken back from bots, of whichever tag. */
export async function isTakenBack(
  catalog: CatalogReader,
  rollout: Pick<Rollout, 'model' | 'from'> | null,
): Promise<boolean> {
  if (rollout === null || rollout.from === null) return false
  return (await catalog.findQuarantine(rollout.model, rollout.from.digest)) !== undefined
}

/** Said in the tag's history where nobody gave a reason. */
function reasonOf({ reason, kind = 'promotion' }: RequestedMove): string | null {
  return reason ?? { promotion: null, rollback: 'rolled back', publish: 'published' }[kind]
}

/** What somebody did who aborted a rollout by it. In the tag's history it would look like an accident else. */
const DID = { promotion: 'promoted', rollback: 'rolled back to', publish: 'published' } as const

/** "Going back to what is stable during a rollout is an abort" (docs/rollouts.md). */
async function abort(
  change: RolloutChange,
  rollout: Rollout,
  { by, reason: given, to, kind = 'promotion', isHasty: hasty = false }: RequestedMove,
): Promise<MoveOutcome> {
  const reason =
    given ?? `${by} ${DID[kind]} release ${to.number}, which aborted the rollout of ${rollout.to.release}`
  const unitsOfTag = (): readonly Unit[] => change.units(rollout.tag, rollout.startedAt)
  const aborted = steerRollout(rollout, 'abort', unitsOfTag, change.now, { by, reason, hasty })
  if (aborted === undefined) return 'unchanged'
  await change.apply(aborted)
  return rollout.tagMoved ? 'moved' : 'aborted'
}

async function requireNoQuarantine(
  { catalog, model }: RolloutChange,
  { release, digest }: Target,
  { tag, kind, force = false }: RequestedMove,
  otherwise = '',
): Promise<void> {
  const quarantine = await catalog.findQuarantine(model, digest)
  if (quarantine === undefined) return
  if (force) {
    await catalog.endQuarantine(model, digest)
    return
  }
  throw new DomainError(
    'release-quarantined',
    `Release ${release} of "${model}" was taken back before: ${quarantine.reason}. Promote another release, or this one with force (slipway ${kind === 'rollback' ? 'rollback' : 'promote'} ${model}@${tag} ${release} --force).${otherwise}`,
    { model, release, reason: quarantine.reason },
  )
}

/** Said where the promotion would abort a rollout. */
const ABORT_NEEDS_NONE = ' To abort the rollout that is under way needs no force (slipway rollout abort).'

function targetOf(tag: Tag | undefined): Target | null {
  return tag === undefined ? null : { release: tag.release, digest: tag.digest }
}
