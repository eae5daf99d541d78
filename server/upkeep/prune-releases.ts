import { setTimeout as delay } from 'node:timers/promises'
import { listEveryRelease } from '../catalog/list-every-release.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { judgeReleases, reasonsOfUse } from './retention.ts'
import type { RetentionPolicy, Verdict } from './retention.ts'
import type { ReleaseOutline } from '../catalog/releases.ts'
import { changeModel, type ChangeDependencies } from '../releases/change-model.ts'
import { findModelOrRefuse } from '../releases/find-or-refuse.ts'
import { freeDigests } from '../releases/free-digests.ts'
import { readModelUse } from './read-model-use.ts'

/** SQLite answers on the thread that answers polls: thousands of rows are deleted a few at a time. */
const DELETED_AT_ONCE = 50

export interface PruneDependencies extends ChangeDependencies {
  clock: Clock
  /** Knows what processes run; what it learned last is written down before anything goes. */
  fleet: { save(): Promise<void> }
}

export interface Pruning {
  model: string
  policy: RetentionPolicy
  /** Says what would go, and changes nothing. */
  dryRun: boolean
  /** Ends it between two deletions. */
  signal?: AbortSignal
}

/** What went, or would go, and what stays and why; newest first. */
export interface Pruned {
  pruned: ReleaseOutline[]
  kept: Verdict[]
}

/**
 * Deletes the releases of a model that the policy does not keep and nothing uses. Their blobs follow after a grace period
 * (sweep-blobs.ts).
 *
 * Each deletion asks again, in its own transaction, whether the release is still unused: whoever promotes or rolls
 * back to it meanwhile keeps it.
 *
 * @throws DomainError `model-not-found`, what the catalog throws, and the reason of `signal`; what was deleted until then
 *   stays so.
 */
export async function pruneReleases(
  dependencies: PruneDependencies,
  { model, policy, dryRun, signal }: Pruning,
): Promise<Pruned> {
  const { catalog, clock } = dependencies
  await findModelOrRefuse(catalog, model)
  await dependencies.fleet.save()
  const releases = await listEveryRelease(catalog, model, signal)
  const use = await readModelUse(catalog, model, policy.keepHistory, clock.now())
  const verdicts = judgeReleases(releases, use, policy, clock.now())
  const unused = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ release }) => release)
  const kept = verdicts.filter(({ reasons }) => reasons.length > 0)
  if (dryRun) return { pruned: unused, kept }
  const keptAfterAll: Verdict[] = []
  // The oldest first: whatever ends this early has left the newest.
  const queue = unused.toReversed()
  for (let begin = 0; begin < queue.length; begin += DELETED_AT_ONCE) {
    const begun = performance.now()
    keptAfterAll.push(
      ...(await deleteUnused(dependencies, model, policy, queue.slice(begin, begin + DELETED_AT_ONCE))),
    )
    // Polls have the thread for as long as this had it.
    await delay(performance.now() - begun)
    signal?.throwIfAborted()
  }
  const isKept = new Set(keptAfterAll.map(({ release }) => release.number))
  return {
    pruned: unused.filter(({ number }) => !isKept.has(number)),
    kept: [...kept, ...keptAfterAll].sort((one, other) => other.release.number - one.release.number),
  }
}

/** @returns what stays after all. */
async function deleteUnused(
  dependencies: PruneDependencies,
  model: string,
  { keepHistory }: RetentionPolicy,
  releases: readonly ReleaseOutline[],
): Promise<Verdict[]> {
  const { clock } = dependencies
  await dependencies.fleet.save()
  return changeModel(dependencies, model, async (catalog) => {
    const use = await readModelUse(catalog, model, keepHistory, clock.now())
    const verdicts = releases.map((release) => ({
      release,
      reasons: reasonsOfUse(release, use, clock.now()),
    }))
    const unused = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ release }) => release)
    await catalog.deleteReleases(
      model,
      unused.map(({ number }) => number),
    )
    await freeDigests(
      catalog,
      unused.map(({ digest }) => digest),
      instantOf(clock),
    )
    return verdicts.filter(({ reasons }) => reasons.length > 0)
  })
}
