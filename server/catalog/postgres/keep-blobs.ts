import { setTimeout as delay } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { DomainError } from '../../errors/errors.ts'
import type { LeaseHolder } from '../leases.ts'
import { BACKUP_LEASE } from '../sql/blob-claims.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { leaseWriter } from '../sql/leases.ts'
import { Connections } from './connections.ts'
import { requireCatalog } from './migrate-postgres.ts'
import { findConnector } from './open-pool.ts'
import { STANDARD_LIMITS, type PostgresSettings } from './postgres-settings.ts'
import { POSTGRES_LEASES } from './postgres-writes.ts'
import { Renewal } from './renewal.ts'

/** Milliseconds. */
interface Timings {
  /** For how long the lease is good after each renewal: what a killed backup left ends then. */
  readonly duration: number
  readonly renewal: number
  /** For how long the end of another backup is waited for. */
  readonly wait: number
}

interface KeepOptions extends Partial<Timings> {
  /** Ends the waiting for another backup. */
  readonly signal?: AbortSignal
}

const STANDARD: Timings = { duration: 20_000, renewal: 5_000, wait: 30_000 }

const LOOK_AGAIN_MS = 250

/** Another backup of the same catalog is under way. */
export class BackupUnderWay extends Error {
  override readonly name = 'BackupUnderWay'

  /** @param host Where the other one runs. */
  constructor(host: string) {
    super(`Another backup of this database is under way (on ${host}); try again when it has ended.`)
  }
}

/**
 * Keeps the servers over a database from deleting blobs while `work` runs, and other backups from beginning.
 *
 * @param work Is told by the signal where the lease was lost, as the database did not answer: by a DomainError `catalog-unavailable`.
 * @throws BackupUnderWay; AbortError where `signal` ends the waiting; what `readPostgresSnapshot` throws.
 */
export async function keepBlobs<Result>(
  settings: PostgresSettings,
  self: LeaseHolder,
  work: (signal: AbortSignal) => Promise<Result>,
  options: KeepOptions = {},
): Promise<Result> {
  const { duration, renewal, wait, signal } = { ...STANDARD, ...options }
  const database = new Connections(await findConnector(settings, STANDARD_LIMITS), STANDARD_LIMITS)
  const lost = new AbortController()
  try {
    const db = database.open(1)
    await requireCatalog(db)
    const hold = (): Promise<number | undefined> =>
      db
        .transaction()
        .execute((transaction) =>
          leaseWriter(transaction, POSTGRES_LEASES).holdLease(BACKUP_LEASE, self, duration),
        )
    const epoch = await waitFor(db, hold, wait, signal)
    let last = epoch
    const renewing = new Renewal({
      every: renewal,
      goodFor: duration,
      renew: async () => {
        const held = await hold()
        // One that had run out is taken anew by this, as another term: it is not the one that `work` relies on, and must be given up.
        last = held ?? last
        return held === epoch
      },
      onLost: () => {
        lost.abort(leaseLost())
      },
    })
    try {
      return await work(lost.signal)
    } finally {
      await renewing.stop()
      await db
        .transaction()
        .execute((transaction) =>
          leaseWriter(transaction, POSTGRES_LEASES).giveUpLease(BACKUP_LEASE, self.holder, last),
        )
        .catch(() => undefined)
    }
  } finally {
    await database.close()
  }
}

async function waitFor(
  db: Kysely<CatalogTables>,
  hold: () => Promise<number | undefined>,
  wait: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const deadline = performance.now() + wait
  for (;;) {
    const epoch = await hold()
    if (epoch !== undefined) return epoch
    if (performance.now() >= deadline) {
      const other = await db
        .selectFrom('leases')
        .select('host')
        .where('name', '=', BACKUP_LEASE)
        .executeTakeFirst()
      throw new BackupUnderWay(other?.host ?? '')
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal })
  }
}

function leaseLost(): DomainError {
  return new DomainError(
    'catalog-unavailable',
    'The database did not answer, and archives may be deleted meanwhile: take the backup again once it does.',
  )
}
