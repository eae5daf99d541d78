import { CachedBlobs } from '../blobs/cached-blobs.ts'
import { LocalDamageRegister } from '../blobs/local-damage-register.ts'
import { ObjectBlobs } from '../blobs/object-blobs.ts'
import { InMemoryBlobCache } from '../blobs/in-memory-blob-cache.ts'
import { VerifiedBlobs } from '../blobs/verified-blobs.ts'
import { followDamage } from '../blobs/follow-damage.ts'
import { cacheReadings } from './readings/cache-readings.ts'
import { damageLog } from './logging/damage-log.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { instantOf } from '../time/clock.ts'
import { DamagedBlobs } from '../blobs/damaged-blobs.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import type { OpenedStorage } from './opening/open-storage.ts'
import type { Surroundings } from './surroundings.ts'

/** What archives are read and written through. */
export interface ComposedBlobs {
  blobs: BlobStore
  verified: VerifiedBlobs
  damaged: DamagedBlobs
  /** What Prometheus is shown of them. */
  readings: Reading[]
  /** Begins to take in what other servers find. */
  start(): void
  stop(): void
}

/** Puts together what stands between an archive and its bytes: hashing, quarantine, and copies close by. */
export async function composeBlobs(
  { logger, clock, readSpace }: Surroundings,
  { catalog, isLost, group }: ComposedCatalog,
  { store, cache }: OpenedStorage,
): Promise<ComposedBlobs> {
  const freeBytes = async (): Promise<number> => (await readSpace()).free
  const stored = new ObjectBlobs(store, freeBytes)
  const damaged = new DamagedBlobs()
  if (!isLost()) for (const blob of await catalog.listDamagedBlobs()) damaged.add(blob)
  const register = new LocalDamageRegister(damaged, () => instantOf(clock), damageLog(catalog, logger))
  // Where the catalog cannot be asked, the digest alone decides.
  const sizeOf = (digest: string) => catalog.digestSize(digest).catch(() => undefined)
  const verified = new VerifiedBlobs(stored, register, sizeOf)
  const stopping = new AbortController()
  const following = {
    start: () => {
      const list = () => catalog.listDamagedBlobs()
      // Where it does not answer, whoever compares the tags says so.
      if (group !== undefined) void followDamage(list, damaged, stopping.signal, () => undefined)
    },
    stop: () => {
      stopping.abort(new Error('The server stops'))
    },
  }
  const parts = { verified, damaged, ...following }
  if (cache === undefined) return { ...parts, blobs: new InMemoryBlobCache(verified), readings: [] }
  const source = {
    open: (digest: string, size?: number) =>
      size === undefined ? stored.open(digest) : stored.openWhole(digest, size),
    onDamaged: (digest: string) => verified.verify(digest),
  }
  const blobs = new CachedBlobs(verified, cache, { source })
  return { ...parts, blobs, readings: cacheReadings(blobs, cache) }
}
