import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import type { BackupLock } from '../coordination/backup-lock.ts'
import type { BlobRemoval } from '../coordination/blob-removal.ts'
import type { Digest } from '../releases/release.ts'
import { isOtherCatalogs } from './unknown-blobs.ts'

const AT_ONCE = 200

/** How long deletions that fail may take together: storage that is unavailable fails slowly, and backups wait meanwhile. */
const MOST_FAILING_MILLISECONDS = 30_000

export interface SweepDependencies {
  blobs: BlobStore
  catalog: Catalog
  clock: Clock
  removal: BlobRemoval
  backupLock: BackupLock
  /** Told of each blob that went. */
  onDeleted?: (digest: Digest) => void
}

/** What {@link noteOrphans} found. */
export interface OrphansFound {
  /** Blobs that no release names and that were not known before; noted, unless {@link unknown} says otherwise. */
  orphans: Digest[]
  /** How many blobs were left alone because they are likelier another catalog's; 0: none. */
  unknown: number
}

/**
 * Notes the blobs that no release names: what a crash left between blob and release, and what was deleted by hand.
 * Whoever publishes the same bytes within the grace period adopts it. Where most of what is stored is unknown to the catalog,
 * nothing is noted, and so nothing will be deleted.
 *
 * @throws what catalog and blob store throw, and the reason of `signal`.
 */
export async function noteOrphans(
  { blobs, catalog, clock }: SweepDependencies,
  signal?: AbortSignal,
): Promise<OrphansFound> {
  const now = instantOf(clock)
  const noted = new Set(await catalog.listUnusedBlobs(LAST, Number.MAX_SAFE_INTEGER))
  const orphans: Digest[] = []
  let known = 0
  let page: Digest[] = []
  const look = async () => {
    const released = await catalog.releasedAmong(page)
    known += released.size
    orphans.push(...page.filter((digest) => !released.has(digest)))
    page = []
    await nextTurn()
  }
  for await (const { digest } of blobs.list(signal)) {
    signal?.throwIfAborted()
    if (!noted.has(digest)) page.push(digest)
    if (page.length === AT_ONCE) await look()
  }
  await look()
  if (isOtherCatalogs({ known, unknown: orphans.length })) return { orphans: [], unknown: orphans.length }
  for (let begin = 0; begin < orphans.length; begin += AT_ONCE) {
    await catalog.writeShared((writer) => writer.noteUnusedBlobs(orphans.slice(begin, begin + AT_ONCE), now))
  }
  return { orphans, unknown: 0 }
}

/**
 * Deletes the blobs that nothing has used for a grace period. What is being sent, and everything while a backup runs,
 * is left for the next time. One that cannot be deleted (a file of root, an object under a lock) does not keep the others.
 *
 * @param graceMilliseconds How long a blob stays after its last release: whoever began to read it must come to an end.
 * @returns the digests that went; where `signal` aborts, those that went until then.
 * @throws in the end, the first failure of the storage; what the catalog throws.
 */
export async function deleteUnusedBlobs(
  dependencies: SweepDependencies,
  graceMilliseconds: number,
  signal?: AbortSignal,
): Promise<Digest[]> {
  const { catalog, clock } = dependencies
  const hold = dependencies.backupLock.tryHold()
  if (hold === undefined) return []
  try {
    await dependencies.removal.finish(signal)
    const due = new Date(clock.now() - graceMilliseconds).toISOString()
    const deleted: Digest[] = []
    const failures = { first: undefined as { error: unknown } | undefined, milliseconds: 0 }
    const isOver = () => signal?.aborted === true || failures.milliseconds >= MOST_FAILING_MILLISECONDS
    const marked = await catalog.listUnusedBlobs(due, Number.MAX_SAFE_INTEGER)
    for (let begin = 0; begin < marked.length && !isOver(); begin += AT_ONCE) {
      const settled: Digest[] = []
      for (const digest of marked.slice(begin, begin + AT_ONCE)) {
        // What was deleted until then is still forgotten below.
        if (isOver()) break
        const begun = performance.now()
        try {
          const outcome = await dependencies.removal.remove(digest, due)
          if (outcome !== 'busy') settled.push(digest)
          if (outcome !== 'deleted') continue
          deleted.push(digest)
          dependencies.onDeleted?.(digest)
        } catch (error) {
          failures.first ??= { error }
          failures.milliseconds += performance.now() - begun
        }
      }
      await forget(dependencies, settled)
      await nextTurn()
    }
    if (failures.first !== undefined) throw failures.first.error
    return deleted
  } finally {
    hold.release()
  }
}

/**
 * A blob that was adopted keeps no mark. One that was adopted and freed again since has a new mark with its own grace
 * period, which goes too: the next look for orphans marks it once more, later.
 */
async function forget({ catalog }: SweepDependencies, digests: readonly Digest[]): Promise<void> {
  await catalog.writeShared((writer) => writer.forgetUnusedBlobs(digests))
}

/** After every instant: years of four digits come before it. */
const LAST = '9999-12-31T23:59:59.999Z'
