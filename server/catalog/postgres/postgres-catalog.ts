import { DomainError } from '../../errors/errors.ts'
import { repeat } from '../../time/repeat.ts'
import type { Catalog, CatalogReader } from '../catalog.ts'
import { limitToModel } from '../limit-to-model.ts'
import { catalogReader } from '../sql/sql-catalog.ts'
import { Connections } from './connections.ts'
import { ANSWERING } from './database-clock.ts'
import { heardReader } from './heard-processes.ts'
import { findConnector } from './open-pool.ts'
import { domainErrorOf } from './postgres-error.ts'
import { STANDARD_LIMITS, type PostgresLimits, type PostgresSettings } from './postgres-settings.ts'
import { PostgresWrites } from './postgres-writes.ts'
import type { ServerGroup } from '../../coordination/server-group.ts'
import { joinGroup, type JoinOptions } from './join-group.ts'
import { NewsListener, type ModelNews } from './news-listener.ts'
import { readDatabaseState, type DatabaseState } from './write-fence.ts'

/** What may differ between catalogs in Postgres. */
export interface PostgresCatalogOptions extends JoinOptions {
  limits?: Partial<PostgresLimits>
}

/** Apart from each other: a write that reads beside its transaction must not wait for a connection that waits for it. */
const CONNECTIONS = { reading: 8, writing: 8, group: 2 }

const FORGET_COMMITS_EVERY = 10 * 60_000

/** A catalog that several servers may share, and what of it is about them. */
export interface SharedCatalog {
  readonly catalog: Catalog
  /** Undefined where no server joined. */
  readonly group: ServerGroup | undefined
  /** Ends writing, and then lets the others know that this server has ended. Never rejects. */
  readonly leave: () => Promise<void>
  /** Has `onNews` told of what others commit, until the catalog is closed. */
  readonly listen: (onNews: (news: ModelNews) => void) => void
  /** @throws what pg throws where the database does not answer */
  readonly readState: () => Promise<DatabaseState>
}

/** As {@link openSharedCatalog}, for whoever is not interested in others. */
export async function openPostgresCatalog(
  settings: PostgresSettings,
  options: PostgresCatalogOptions = {},
): Promise<Catalog> {
  return (await openSharedCatalog(settings, options)).catalog
}

/**
 * Opens the catalog in a Postgres database, creates its tables where it is empty, and brings them up to date.
 *
 * @throws PostgresMisconfigured where the database must not or cannot be used, for one because a server runs over it that this one
 *   cannot share with; DomainError `catalog-unavailable` where a newer Slipway wrote it; what pg throws where it cannot be reached.
 */
export async function openSharedCatalog(
  settings: PostgresSettings,
  options: PostgresCatalogOptions = {},
): Promise<SharedCatalog> {
  const limits = { ...STANDARD_LIMITS, ...options.limits }
  const connector = await findConnector(settings, limits)
  const database = new Connections(connector, limits)
  try {
    const db = database.open(CONNECTIONS.writing)
    const registry = await joinGroup(db, database.open(CONNECTIONS.group), options)
    const server = registry?.id
    const writes = new PostgresWrites(db, { server, lookUpMs: limits.lookUp })
    const news = new NewsListener(connector, server ?? '')
    const closing = new AbortController()
    const schedule = { first: FORGET_COMMITS_EVERY, every: FORGET_COMMITS_EVERY }
    const forget = () => writes.forgetOldCommits().then(() => undefined)
    void repeat(schedule, closing.signal, forget, () => undefined)
    const reading = database.open(CONNECTIONS.reading)
    const leave = async () => {
      await writes.close()
      await registry?.leave()
    }
    const catalog: Catalog = {
      ...translated({ ...catalogReader(reading, ANSWERING), ...heardReader(reading) }, closing.signal),
      write: (model, work) => writes.ofModel(model, (changes) => work(limitToModel(changes, model))),
      writeShared: (work) => writes.shared(work),
      writeEveryModel: (work) => writes.ofEveryModel(work),
      async close() {
        closing.abort()
        await leave()
        await news.close()
        await database.close()
      },
    }
    return {
      ...{ catalog, group: registry, leave },
      listen: (onNews) => {
        news.start(onNews)
      },
      readState: () => readDatabaseState(reading),
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
