import { createHash } from 'node:crypto'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Release } from '../../server/releases/release.ts'
import { CatalogFleetStore } from '../../server/fleet/catalog-fleet-store.ts'
import { FleetTracker } from '../../server/fleet/fleet-tracker.ts'
import { soleRemoval } from '../../server/upkeep/remove-blobs.ts'
import { publishModel } from '../../server/releases/publish-model.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { rolloutParts } from '../support/rollout-parts.ts'
import { unlimitedSpace } from '../support/unlimited-space.ts'
import { aClock, type ManualClock } from '../support/manual-clock.ts'
import { throwUnlessTestHasEnded } from '../support/throw-unless-test-has-ended.ts'

export const DAY = 24 * 60 * 60 * 1000

/** The parts that upkeep works on, over blobs in memory, with a clock that stands still. */
export async function upkeepParts(store = new MemoryStore()) {
  const catalog = await aCatalog()
  const blobs: BlobStore = new ObjectBlobs(store, () => Promise.resolve(undefined))
  const beingRead = new Set<string>()
  const blobLock = new KeyedMutex()
  const reads = { isBeingRead: (digest: string) => Promise.resolve(beingRead.has(digest)) }
  const removalOf = (over: BlobStore) => soleRemoval({ blobs: over, catalog, blobLock, reads })
  const clock = aClock()
  const current = new CurrentReleases()
  const fleet = aFleet(catalog, clock)
  const { judge, runner: tagMover } = rolloutParts(catalog, { clock, current, tracker: fleet })
  const parts = {
    damaged: new DamagedBlobs(),
    judge,
    tagMover,
    blobs,
    catalog,
    store,
    beingRead,
    blobLock,
    clock,
    current,
    fleet,
    maxArchiveBytes: 1e6,
    space: unlimitedSpace(),
    trustedRoots: [],
    inspect: () => ({
      write: () => Promise.resolve(),
      end: () => Promise.resolve({ format: 3 as const, unpackedSize: 1, members: 1, warnings: [] }),
      abort: () => undefined,
    }),
    removal: removalOf(blobs),
    removalOver: () => removalOf(blobs),
    backupLock: { tryHold: () => ({ release: () => undefined }) },
    housekeeping: new SoleHousekeeper(),
  }
  return {
    ...parts,
    removalOf,
    publish: (text: string, model = 'shop', tags: string[] = []) => publishText(parts, text, model, tags),
    publishOver: (other: Parameters<typeof publishModel>[0], text: string) =>
      publishText(other, text, 'shop', []),
  }
}

/** Follows processes over a catalog; every archive counts as released. */
export function aFleet(catalog: Catalog, clock: ManualClock): FleetTracker {
  return new FleetTracker({
    store: new CatalogFleetStore(catalog),
    clock,
    isReleased: () => true,
    maxProcesses: 1_000,
    keepDays: 30,
    onFailure: throwUnlessTestHasEnded,
  })
}

/** Has a process poll that runs these bytes. */
export function pollRunning(
  { fleet, clock }: Pick<UpkeepParts, 'fleet' | 'clock'>,
  model: string,
  process: string,
  digest: string,
): void {
  const source = { instance: null, token: null, address: '10.0.0.1' }
  fleet.take(model, { kind: 'poll', process, tag: 'latest', source, digest, hints: [] }, clock.now())
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
