import type { SharedWriter } from '../catalog/catalog.ts'
import type { Instant } from '../time/clock.ts'
import type { Digest } from './release.ts'

/** Notes since when nothing uses the blobs of releases that were just deleted; their grace period begins now. */
export async function freeDigests(
  catalog: SharedWriter,
  digests: Iterable<Digest>,
  since: Instant,
): Promise<void> {
  const all = [...new Set(digests)]
  const released = await catalog.releasedAmong(all)
  const free = all.filter((digest) => !released.has(digest))
  await catalog.forgetUnusedBlobs(free)
  await catalog.noteUnusedBlobs(free, since)
}
