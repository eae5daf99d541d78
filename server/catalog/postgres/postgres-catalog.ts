import { Kysely } from 'kysely'
import type { Pool } from 'pg'
import { DomainError } from '../../errors/errors.ts'
import { repeat } from '../../time/repeat.ts'
import type { Catalog, CatalogReader } from '../catalog.ts'
import { limitToModel } from '../limit-to-model.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { catalogReader } from '../sql/sql-catalog.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { findConnector } from './open-pool.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { domainErrorOf } from './postgres-error.ts'
import { STANDARD_LIMITS, type PostgresLimits, type PostgresSettings } from './postgres-settings.ts'
import { PostgresWrites } from './postgres-writes.ts'

/** What may differ between catalogs in Postgres. */
export interface PostgresCatalogOptions {
  limits?: Partial<PostgresLimits>
}

/** Apart from each other: a write that reads beside its transaction must not wait for a connection that waits for it. */
const CONNECTIONS = { reading: 8, writing: 8 }

const FORGET_COMMITS_EVERY = 10 * 60_000

/**
 * Opens the catalog in a Postgres database, creates its tables where it is empty, and brings them up to date.
 *
 * @throws PostgresMisconfigured where the database must not or cannot be used; DomainError `catalog-unavailable` where a newer
 *   Slipway wrote it, or it does not answer.
 */
export async function openPostgresCatalog(
  settings: PostgresSettings,
  options: PostgresCatalogOptions = {},
): Promise<Catalog> {
  const limits = { ...STANDARD_LIMITS, ...options.limits }
  const connector = await findConnector(settings, limits)
  const pools: Pool[] = []
  const open = (max: number): Kysely<CatalogTables> => {
    const pool = connector.pool(max)
    // A connection that breaks while nobody uses it is replaced when somebody does; one in use has its statement fail.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    pools.push(pool)
    return new Kysely<CatalogTables>({ dialect: postgresDialect(pool, limits) })
  }
  const close = async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  }
  try {
    const db = open(CONNECTIONS.writing)
    await migratePostgres(db)
    const writes = new PostgresWrites(db, { lookUpMs: limits.lookUp })
    const closing = new AbortController()
    const schedule = { first: FORGET_COMMITS_EVERY, every: FORGET_COMMITS_EVERY }
    const forget = () => writes.forgetOldCommits().then(() => undefined)
    void repeat(schedule, closing.signal, forget, () => undefined)
    return {
      ...translated(catalogReader(open(CONNECTIONS.reading)), closing.signal),
      write: (model, work) => writes.ofModel(model, (changes) => work(limitToModel(changes, model))),
      writeShared: (work) => writes.shared(work),
      writeEveryModel: (work) => writes.ofEveryModel(work),
      async close() {
        closing.abort()
        await writes.close()
        await close()
      },
    }
  } catch (error) {
    await close()
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
