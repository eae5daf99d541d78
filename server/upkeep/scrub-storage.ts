import type { Catalog } from '../catalog/catalog.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { pauseAfter, ROUND_MILLISECONDS } from './scrub-pace.ts'
import type { BlobVerifier } from '../blobs/blob-verifier.ts'
import type { BlobOutline } from '../catalog/blobs.ts'
import type { TaskProgress } from '../catalog/progress.ts'
import { verifyBlob, type BlobFinding } from './verify-blobs.ts'

const TASK = 'scrub'

/** Fast enough for 15 TB in a round, slow enough that nobody notices. */
const MOST_BYTES_A_SECOND = 32 * 1024 * 1024

/** Where there is nothing to do. */
const IDLE_MILLISECONDS = 60 * 60 * 1000

export interface ScrubDependencies {
  catalog: Catalog
  clock: Clock
  verifier: BlobVerifier
  /** Resolves after so many milliseconds; rejects when the server stops. */
  rest: (milliseconds: number) => Promise<void>
  onFinding?: (finding: BlobFinding) => void
}

/**
 * Hashes the next blob of the round, and remembers how far it came: a restart goes on from there.
 *
 * @returns how long to rest until the next, in milliseconds.
 */
export async function scrubNext(dependencies: ScrubDependencies, signal?: AbortSignal): Promise<number> {
  const { catalog, clock, verifier, rest } = dependencies
  const progress = (await catalog.findTaskProgress(TASK)) ?? newRound(clock, null)
  const [blob] = await catalog.listDigests({ limit: 1, cursor: progress.position })
  if (blob === undefined) return endRound(dependencies, progress)
  const pace = (bytes: number) => rest((bytes / MOST_BYTES_A_SECOND) * 1000)
  const outcome = await verifyBlob(verifier, blob, signal, pace)
  dependencies.onFinding?.({ ...blob, outcome })
  await save(catalog, { ...progress, position: blob.digest })
  return pauseUntilNext(dependencies, progress, blob)
}

async function pauseUntilNext(
  { catalog, clock }: ScrubDependencies,
  { begunAt }: TaskProgress,
  { digest, size }: BlobOutline,
): Promise<number> {
  const remainder = await catalog.measureDigests(digest)
  // A clock that was set back must not make a round of years.
  const spent = Math.max(0, clock.now() - Date.parse(begunAt))
  return pauseAfter(size, remainder, ROUND_MILLISECONDS - spent)
}

async function endRound({ catalog, clock }: ScrubDependencies, { position }: TaskProgress): Promise<number> {
  if (position === '') return IDLE_MILLISECONDS
  await save(catalog, newRound(clock, instantOf(clock)))
  return 0
}

function newRound(clock: Clock, completedAt: string | null): TaskProgress {
  return { position: '', begunAt: instantOf(clock), completedAt }
}

async function save(catalog: Catalog, progress: TaskProgress): Promise<void> {
  await catalog.writeShared((writer) => writer.saveTaskProgress(TASK, progress))
}

/** How the scrubber stands; undefined before its first blob. */
export function readScrubProgress(catalog: Catalog): Promise<TaskProgress | undefined> {
  return catalog.findTaskProgress(TASK)
}
