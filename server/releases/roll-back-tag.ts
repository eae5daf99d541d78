import type { CatalogReader } from '../catalog/catalog.ts'
import { DomainError } from '../errors/errors.ts'
import { findReleaseOrRefuse, findTagOrRefuse } from './find-or-refuse.ts'
import type { RolloutUnderWay } from './end-of-rollout.ts'
import { moveTag, type PromoteDependencies, type Promoted } from './promote-release.ts'
import type { Digest } from './release.ts'
import { requireBlob } from './require-blob.ts'
import { releasesBefore } from './rollback.ts'
import type { TagChange } from './tag-mover.ts'
import { LATEST, type Tag } from './tag.ts'
import { warnOfRollback } from './warn-of-rollback.ts'

/** More moves than anybody rolls back through. */
const REMEMBERED_MOVES = 10_000

/** Each attempt fails only where somebody else moved the tag meanwhile. */
const MOST_ATTEMPTS = 5

const NONE: ReadonlySet<Digest> = new Set()

/** Which tag goes back, and who says so. */
export interface Rollback {
  model: string
  tag: string
  /** Where to; without it, to where the tag was before. */
  release?: number | undefined
  by: string
  reason?: string | undefined
  /** @see RequestedMove.force */
  force?: boolean | undefined
  /** Whether all bots go back at once, without `maxUpdating` and `drain`. */
  now?: boolean | undefined
  /** @see Promotion.requireExpected */
  requireExpected?: ((tag: Tag | undefined) => void) | undefined
}

/**
 * Takes a tag back to an earlier release; `latest` too, until the next publish. Where none is named, those that need force are
 * passed over: whoever rolls back at night wants one that works. During a rollout of any tag but `latest` it is an abort, which goes
 * back to where that rollout came from, whatever that is.
 *
 * Where it goes is found, and the blob looked for, before the change; the change happens only where the tag is still
 * where it was then. Where somebody else took the tag back meanwhile, nothing is left to do; where he did anything else, one that names
 * no release is refused.
 *
 * @throws DomainError `model-not-found`, `tag-not-found`, `release-not-found`, `nothing-to-roll-back`,
 *   `release-quarantined`, `blob-missing`, `blob-damaged`, `precondition-failed`, `catalog-busy` where others move the tag again and again, and what `requireExpected` throws.
 */
export async function rollBackTag(dependencies: PromoteDependencies, rollback: Rollback): Promise<Promoted> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const outcome = await tryToRollBack(dependencies, rollback)
    if (outcome !== 'moved-meanwhile') return outcome
  }
  const { model, tag } = rollback
  throw new DomainError('catalog-busy', `Others keep moving the tag "${tag}" of "${model}". Try again.`, {
    model,
    tag,
  })
}

async function tryToRollBack(
  dependencies: PromoteDependencies,
  rollback: Rollback,
): Promise<Promoted | 'moved-meanwhile'> {
  const { catalog, tagMover, urgentCatalog } = dependencies
  const { model, tag } = rollback
  const before = await findTagOrRefuse(catalog, model, tag)
  rollback.requireExpected?.(before)
  const underWay = await catalog.findRolloutUnderWay(model, tag)
  const release = rollback.release ?? (await findTarget(catalog, before, underWay, rollback.force))
  const target = await findReleaseOrRefuse(catalog, model, release)
  const isThere = before.release === release
  if (isThere && underWay === undefined)
    return { tag: before, from: release, outcome: 'unchanged', warnings: [] }
  if (!isThere) await requireBlob(dependencies, target)
  const namesNone = rollback.release === undefined
  const { now: isHasty = false, ...named } = rollback
  const move = { ...named, release, kind: 'rollback', namesNone, isHasty } as const
  const goBack = async (change: TagChange): Promise<Promoted | 'moved-meanwhile'> => {
    const now = await change.catalog.findTag(model, tag)
    const rollout = await change.catalog.findRolloutUnderWay(model, tag)
    if (now?.sequence !== before.sequence || rollout?.id !== underWay?.id) {
      if (rollback.release !== undefined) return 'moved-meanwhile'
      if (now?.release === release && !isLeadingElsewhere(rollout, release)) {
        // Somebody took it back meanwhile, but maybe not as fast.
        if (isHasty) return moveTag(change, move)
        return { tag: now, from: release, outcome: 'unchanged', warnings: [] }
      }
      if (hasOnlyGoneOn(underWay, rollout, now)) return 'moved-meanwhile'
      // Who names no release means the one that he saw: looking anew, he would take back what somebody has just brought out.
      if (now?.release !== before.release || rollout !== undefined) throw movedMeanwhile(before, now)
      return 'moved-meanwhile'
    }
    const warning = namesNone ? await warnOfRollback(change.catalog, now, release) : undefined
    const moved = await moveTag(change, move)
    return warning === undefined ? moved : { ...moved, warnings: [warning, ...moved.warnings] }
  }
  return tagMover.changeTags(model, goBack, urgentCatalog)
}

/** Whether nobody did anything: the rollout that was under way went on by itself, and may have ended. */
function hasOnlyGoneOn(
  before: RolloutUnderWay | undefined,
  rollout: RolloutUnderWay | undefined,
  now: Tag | undefined,
): boolean {
  if (before === undefined) return false
  return rollout === undefined ? now?.release === before.to.release : rollout.id === before.id
}

function isLeadingElsewhere(rollout: RolloutUnderWay | undefined, release: number): boolean {
  if (rollout === undefined) return false
  return (rollout.state === 'reverting' ? rollout.from : rollout.to)?.release !== release
}

function movedMeanwhile({ model, tag, release }: Tag, now: Tag | undefined): DomainError {
  const where =
    now === undefined
      ? 'it was deleted'
      : now.release === release
        ? 'another rollout of it began'
        : `it points at release ${now.release} now`
  return new DomainError(
    'precondition-failed',
    `Somebody else changed the tag "${tag}" of "${model}" at the same moment: it pointed at release ${release}; ${where}. Nothing was done. Look where it went (slipway tags ${model}@${tag}, slipway rollout ${model}@${tag}), and roll back again if that is still wanted.`,
    { model, tag },
  )
}

/**
 * Tells where a rollback that names no release would lead now.
 *
 * @throws DomainError `model-not-found`, `tag-not-found`, `nothing-to-roll-back`
 */
export async function findRollbackTarget(
  catalog: CatalogReader,
  { model, tag }: Pick<Rollback, 'model' | 'tag'>,
): Promise<number> {
  const before = await findTagOrRefuse(catalog, model, tag)
  return findTarget(catalog, before, await catalog.findRolloutUnderWay(model, tag))
}

/** The same, and null where there is nothing to go back to, or no such tag. */
export async function findRollbackTargetIfAny(
  catalog: CatalogReader,
  tag: Pick<Rollback, 'model' | 'tag'>,
): Promise<number | null> {
  return orNull(findRollbackTarget(catalog, tag))
}

/**
 * As {@link findRollbackTargetIfAny}, but never a release that was taken back from bots: not even where a rollback would abort a
 * rollout, and lead to such a one.
 *
 * @param passedOver What it must not be either.
 */
export async function findSoundReleaseBefore(
  catalog: CatalogReader,
  { model, tag }: Pick<Rollback, 'model' | 'tag'>,
  passedOver: ReadonlySet<Digest> = NONE,
): Promise<number | null> {
  const before = await findTagOrRefuse(catalog, model, tag)
  return findSoundBefore(catalog, before, await catalog.findRolloutUnderWay(model, tag), passedOver)
}

/** Where the rollout of `latest` began at a release that was taken back since, an abort would lead to it: then it is one further, if any. */
async function findTarget(
  catalog: CatalogReader,
  before: Tag,
  underWay: RolloutUnderWay | undefined,
  force = false,
): Promise<number> {
  const isSoundOne = before.tag === LATEST && !force
  const sound = isSoundOne ? await findSoundBefore(catalog, before, underWay) : null
  return sound ?? findReleaseBefore(catalog, before, underWay, { force })
}

async function findSoundBefore(
  catalog: CatalogReader,
  before: Tag,
  underWay: RolloutUnderWay | undefined,
  passedOver: ReadonlySet<Digest> = NONE,
): Promise<number | null> {
  const stable = underWay?.from?.release
  const isSound = stable === undefined || !(await isPassedOver(catalog, before.model, stable, passedOver))
  return orNull(findReleaseBefore(catalog, before, isSound ? underWay : undefined, { passedOver }))
}

async function orNull(target: Promise<number>): Promise<number | null> {
  try {
    return await target
  } catch (error) {
    const isNone =
      error instanceof DomainError && ['nothing-to-roll-back', 'tag-not-found'].includes(error.code)
    if (isNone) return null
    throw error
  }
}

/**
 * Where a rollback leads that names no release: "during a rollout, it is an abort" (docs/rollouts.md). Where that rollout goes
 * back itself, it is one step further.
 */
async function findReleaseBefore(
  catalog: CatalogReader,
  { model, tag, release: current }: Tag,
  underWay: RolloutUnderWay | undefined,
  { force = false, passedOver = NONE }: { force?: boolean; passedOver?: ReadonlySet<Digest> } = {},
): Promise<number> {
  const targets = await catalog.listTagTargets(model, tag, { limit: REMEMBERED_MOVES })
  const earlier = releasesBefore(targets.reverse())
  const stable = underWay?.state === 'reverting' ? undefined : underWay?.from?.release
  if (stable !== undefined && (stable === current || earlier.includes(stable))) return stable
  for (const release of earlier.toReversed()) {
    if (force || !(await isPassedOver(catalog, model, release, passedOver))) return release
  }
  const underWayBack =
    underWay?.state === 'reverting' && underWay.from !== null
      ? `Release ${underWay.to.release} is being taken back from "${model}@${tag}" already: the bots go back to release ${underWay.from.release} (slipway rollout ${model}@${tag} shows how far they are). `
      : ''
  throw new DomainError(
    'nothing-to-roll-back',
    `${underWayBack}There is no ${underWayBack === '' ? '' : 'further '}release to go back to: each that "${model}@${tag}" pointed at before was deleted, was taken back from bots, or was undone by going back to an earlier one, or there was none. Choose one: slipway rollback ${model}@${tag} RELEASE.`,
    { model, tag },
  )
}

/** Whether bots could not load a release, so that promoting it needs force, or it is one of those that are passed over anyway. */
async function isPassedOver(
  catalog: CatalogReader,
  model: string,
  number: number,
  passedOver: ReadonlySet<Digest>,
): Promise<boolean> {
  const release = await catalog.findReleaseSummary(model, number)
  if (release === undefined) return false
  return passedOver.has(release.digest) || (await catalog.findQuarantine(model, release.digest)) !== undefined
}
