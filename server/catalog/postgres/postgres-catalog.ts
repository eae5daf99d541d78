import { DomainError } from '../../errors/errors.ts'
import { repeat } from '../../time/repeat.ts'
import type { Catalog, CatalogReader } from '../catalog.ts'
import { limitToModel } from '../limit-to-model.ts'
import { catalogReader } from '../sql/sql-catalog.ts'
import { Connections } from './connections.ts'
import { findConnector } from './open-pool.ts'
import { domainErrorOf } from './postgres-error.ts'
import { STANDARD_LIMITS, type PostgresLimits, type PostgresSettings } from './postgres-settings.ts'
import { PostgresWrites } from './postgres-writes.ts'
import { takePlace, type PlaceOptions } from './take-place.ts'

/** What may differ between catalogs in Postgres. */
export interface PostgresCatalogOptions extends PlaceOptions {
  limits?: Partial<PostgresLimits>
}

/** Apart from each other: a write that reads beside its transaction must not wait for a connection that waits for it. */
const CONNECTIONS = { reading: 8, writing: 8, lease: 1 }

const FORGET_COMMITS_EVERY = 10 * 60_000

/**
 * Opens the catalog in a Postgres database, creates its tables where it is empty, and brings them up to date.
 *
 * @throws PostgresMisconfigured where the database must not or cannot be used, for one because another server does; DomainError
 *   `catalog-unavailable` where a newer Slipway wrote it; what pg throws where it cannot be reached.
 */
export async function openPostgresCatalog(
  settings: PostgresSettings,
  options: PostgresCatalogOptions = {},
): Promise<Catalog> {
  const limits = { ...STANDARD_LIMITS, ...options.limits }
  const database = new Connections(await findConnector(settings, limits), limits)
  try {
    const db = database.open(CONNECTIONS.writing)
    const lease = await takePlace(db, database.open(CONNECTIONS.lease), options)
    const writes = new PostgresWrites(db, { lookUpMs: limits.lookUp, fence: lease?.fence })
    const closing = new AbortController()
    const schedule = { first: FORGET_COMMITS_EVERY, every: FORGET_COMMITS_EVERY }
    const forget = () => writes.forgetOldCommits().then(() => undefined)
    void repeat(schedule, closing.signal, forget, () => undefined)
    return {
      ...translated(catalogReader(database.open(CONNECTIONS.reading)), closing.signal),
      write: (model, work) => writes.ofModel(model, (changes) => work(limitToModel(changes, model))),
      writeShared: (work) => writes.shared(work),
      writeEveryModel: (work) => writes.ofEveryModel(work),
      async close() {
        closing.abort()
        await writes.close()
        await lease?.release()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Has each question reject in the words of the domain, and once `closed` aborts, at once. */
function translated(reader: CatalogReader, closed: AbortSignal): CatalogReader {
  type Ask = (...parameters: unknown[]) => Promise<unknown>
  const translate = (ask: Ask): Ask => {
    return async (...parameters) => {
      if (closed.aborted) throw new DomainError('shutting-down', 'The catalog was closed.')
      try {
        return await ask(...parameters)
      } catch (error) {
        throw domainErrorOf(error)
      }
    }
  }
  const entries = Object.entries(reader).map(([name, ask]) => [name, translate(ask as Ask)] as const)
  return Object.fromEntries(entries) as unknown as CatalogReader
}
