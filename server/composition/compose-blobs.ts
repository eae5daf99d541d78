import type { Logger } from 'pino'
import { CachedBlobs } from '../blobs/cached-blobs.ts'
import { DamageRegister } from '../blobs/damage-register.ts'
import { ObjectBlobs } from '../blobs/object-blobs.ts'
import { InMemoryBlobCache } from '../blobs/in-memory-blob-cache.ts'
import { VerifiedBlobs } from '../blobs/verified-blobs.ts'
import { cacheReadings } from './cache-readings.ts'
import { damageLog } from './damage-log.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { DiskSpace } from '../upkeep/disk-space.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import { DamagedBlobs } from '../blobs/damaged-blobs.ts'
import type { Health } from './health.ts'
import type { OpenedCatalog } from './open-catalog.ts'
import type { OpenedStorage } from './open-storage.ts'

/** What archives are read and written through. */
export interface ComposedBlobs {
  blobs: BlobStore
  verified: VerifiedBlobs
  damaged: DamagedBlobs
  /** What Prometheus is shown of them. */
  readings: Reading[]
}

interface BlobSurroundings {
  health: Health
  logger: Logger
  clock: Clock
  readSpace: () => Promise<DiskSpace>
}

/** Puts together what stands between an archive and its bytes: hashing, quarantine, and copies close by. */
export async function composeBlobs(
  { store, cache }: OpenedStorage,
  { catalog }: OpenedCatalog,
  { health, logger, clock, readSpace }: BlobSurroundings,
): Promise<ComposedBlobs> {
  const freeBytes = async (): Promise<number> => (await readSpace()).free
  const stored = new ObjectBlobs(store, freeBytes)
  const damaged = new DamagedBlobs()
  if (!health.isCatalogLost) for (const blob of await catalog.listDamagedBlobs()) damaged.add(blob)
  const register = new DamageRegister(damaged, () => instantOf(clock), damageLog(catalog, logger))
  // Where the catalog cannot be asked, the digest alone decides.
  const sizeOf = (digest: string) => catalog.digestSize(digest).catch(() => undefined)
  const verified = new VerifiedBlobs(stored, register, sizeOf)
  if (cache === undefined) return { blobs: new InMemoryBlobCache(verified), verified, damaged, readings: [] }
  const source = {
    open: (digest: string) => stored.open(digest),
    onDamaged: (digest: string) => verified.verify(digest),
  }
  const blobs = new CachedBlobs(verified, cache, { source })
  return { blobs, verified, damaged, readings: cacheReadings(blobs, cache) }
}
