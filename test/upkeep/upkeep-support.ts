import { createHash } from 'node:crypto'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Release } from '../../server/releases/release.ts'
import { Sightings } from '../../server/fleet/sightings.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { unlimitedSpace } from '../support/unlimited-space.ts'
import { aClock } from '../support/manual-clock.ts'

export const DAY = 24 * 60 * 60 * 1000

/** The parts that upkeep works on, over blobs in memory, with a clock that stands still. */
export async function upkeepParts() {
  const catalog = await aCatalog()
  const store = new MemoryStore()
  const blobs: BlobStore = new ObjectBlobs(store, () => Promise.resolve(undefined))
  const beingRead = new Set<string>()
  const parts = {
    ...{ blobs, catalog, store, beingRead, blobLock: new KeyedMutex(), clock: aClock() },
    ...{ current: new CurrentReleases(), sightings: new Sightings(() => true), maxArchiveBytes: 1e6 },
    space: unlimitedSpace(),
    inspect: () => ({
      write: () => Promise.resolve(),
      end: () => Promise.resolve({ format: 3 as const, unpackedSize: 1, members: 1, warnings: [] }),
      abort: () => undefined,
    }),
    isBeingRead: (digest: string) => beingRead.has(digest),
    backupLock: { tryHold: () => ({ release: () => undefined }) },
    housekeeping: new SoleHousekeeper(),
  }
  return {
    ...parts,
    publish: (text: string, model = 'shop', tags: string[] = []) => publishText(parts, text, model, tags),
    publishOver: (other: Parameters<typeof publishModel>[0], text: string) =>
      publishText(other, text, 'shop', []),
  }
}

export type UpkeepParts = Awaited<ReturnType<typeof upkeepParts>>

async function publishText(
  parts: Parameters<typeof publishModel>[0],
  text: string,
  model: string,
  tags: string[],
): Promise<Release> {
  async function* body() {
    yield await Promise.resolve(Buffer.from(text))
  }
  const outcome = await publishModel(parts, body(), { model, publishedBy: 'anonymous', tags })
  if (outcome.kind === 'skipped') throw new Error('It was skipped')
  return outcome.release
}

/** The digest of a text that was published. */
export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Every blob there is, sorted. */
export async function storedDigests(blobs: BlobStore): Promise<string[]> {
  const digests: string[] = []
  for await (const { digest } of blobs.list()) digests.push(digest)
  return digests.sort()
}
