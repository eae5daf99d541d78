import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { BucketLease, type LeaseTimings } from '../../blobs/bucket-lease.ts'
import { LEASE_KEY, type LeaseHolder, type LeaseState } from '../../blobs/lease-record.ts'
import { StorageOwnedElsewhere } from '../../blobs/storage-owned-elsewhere.ts'
import type { ServerGroup } from '../../coordination/server-group.ts'
import type { Health } from '../health.ts'
import { logAtMostEvery } from '../logging/log-at-most-every.ts'
import { requireSameBucket } from './require-same-bucket.ts'
import { thisPlace } from './this-place.ts'

/** Where versions before the lease kept the name that they claimed a bucket with. */
const FORMER_NAME_FILE = 'storage-owner'

/** A bucket that is unavailable stays so for a while. */
const WARNING_MILLISECONDS = 60_000

/** The folder of the bucket belongs to another catalog. */
export class BucketOwnedByOther extends Error {
  override readonly name = 'BucketOwnedByOther'
}

export interface OwnBucketOptions {
  dataDir: string
  /** The identity of the catalog. */
  server: string
  /** The servers that own the bucket together; undefined: this one alone. */
  group: ServerGroup | undefined
  health: Health
  logger: Logger
  timings: LeaseTimings | undefined
}

/**
 * Asks for the lease of a bucket's folder, and goes on asking beside the caller. Two servers over one folder, or an empty catalog
 * over a full one, would cost archives: a server deletes what no release of its catalog names.
 *
 * @throws BucketOwnedByOther where the folder is another catalog's, and what the store throws.
 */
export async function ownBucket(
  store: ObjectStore,
  { dataDir, server, group, health, logger, timings }: OwnBucketOptions,
): Promise<BucketLease> {
  const noteOwnership = (state: LeaseState): void => {
    health.ownershipChanged(state === 'held' ? undefined : new StorageOwnedElsewhere(state).message)
  }
  // It asks again every ten seconds.
  const warn = logAtMostEvery(WARNING_MILLISECONDS, (error) => {
    logger.warn({ err: error, store: store.description }, 'store_error')
  })
  if (group !== undefined) await requireSameBucket(store, group)
  const lease = new BucketLease(store, await thisHolder(dataDir, server, group), {
    ...(timings === undefined ? {} : { timings }),
    onChange: (state, record) => {
      noteOwnership(state)
      const facts = { store: store.description, state, host: record?.host, epoch: record?.epoch }
      if (isSomebodyElses(state)) logger.error(facts, 'store_owned_elsewhere')
      else logger.info(facts, 'store_lease')
    },
    onFailure: warn,
  })
  const state = await lease.start()
  if (state === 'foreign') throw ownedByOther(store)
  if (state === 'waiting') {
    noteOwnership(state)
    logger.warn({ store: store.description, state }, 'store_lease')
  }
  return lease
}

/** Whether another process may write where this one must not. */
function isSomebodyElses(state: LeaseState): boolean {
  return state === 'elsewhere' || state === 'lost' || state === 'foreign'
}

async function thisHolder(
  dataDir: string,
  server: string,
  group: ServerGroup | undefined,
): Promise<LeaseHolder> {
  const formerName = await readFile(path.join(dataDir, FORMER_NAME_FILE), 'utf8').catch(() => undefined)
  const { place, host } = await thisPlace(dataDir)
  const former = { server, formerName: formerName?.trim(), host }
  if (group === undefined) return { ...former, holder: randomUUID(), place }
  return { ...former, holder: group.database, place: group.database, isShared: true }
}

function ownedByOther(store: ObjectStore): BucketOwnedByOther {
  return new BucketOwnedByOther(
    `${store.description} belongs to another catalog than this server's (DATABASE_URL, else the one in DATA_DIR), and archives that this one does not know ` +
      'would be deleted. Give REMOTE_STORAGE_PATH a folder of its own; to go on after the loss of a machine, restore its ' +
      `catalog instead (slipway restore). Only where the other catalog is gone for good: delete the object ${LEASE_KEY} there`,
  )
}
