import path from 'node:path'
import { auditedCatalog } from '../access/audit/audited-catalog.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { guardWrites } from '../catalog/guard-writes.ts'
import { supersededServer } from '../catalog/postgres/server-lease.ts'
import { WITHOUT_DATABASE } from '../catalog/postgres/without-database.ts'
import { NoOtherServers } from '../coordination/release-news.ts'
import type { ServerGroup } from '../coordination/server-group.ts'
import { DomainError } from '../errors/errors.ts'
import { CurrentReleases } from '../releases/current-releases.ts'
import { ReleaseIndex } from '../releases/release-index.ts'
import type { Clock } from '../time/clock.ts'
import { CURRENT_FILE_OF_DATABASE, CurrentFile } from './opening/current-file.ts'
import { endWhenDatabaseIsBack, followDatabase } from './opening/follow-database.ts'
import { openCatalog } from './opening/open-catalog.ts'
import type { OpenedDatabase } from './opening/open-database.ts'
import { sharedStorage } from './opening/shared-storage.ts'
import type { Surroundings } from './surroundings.ts'
import { WatchedDatabase } from './opening/watched-database.ts'

/** The catalog, and what of it is kept in memory to answer polls from. */
export interface ComposedCatalog {
  /** Takes no change of a model while another server owns the storage. */
  catalog: Catalog
  /** Who the catalog is; undefined where it is lost. */
  identity: string | undefined
  current: CurrentReleases
  released: ReleaseIndex
  /** By which everything is decided that several servers decide: that of the database, where they share one. */
  clock: Clock
  /** Whether it is damaged or gone, which may be found at any time: polls are answered from memory then. */
  isLost: () => boolean
  /** Whether what is known may be older than what is so, as the database has not answered for some seconds. */
  isStale: () => boolean
  /**
   * Which database answered last: another one may have other changes under the same numbers. Empty where the catalog is in a file, and
   * undefined where a standby answered, which may take in yet what it lacks, or none: who answers next may be one.
   */
  readonly database: () => string | undefined
  /** Has `listener` told where another database answers: what was written elsewhere may be of changes that it lacks. */
  readonly onOtherDatabase: (listener: () => void) => void
  /** Has `reload` read a model anew where it turns out to be other than is known. */
  readonly reloadBy: (reload: (model: string) => Promise<void>) => void
  /** The servers that share the catalog; undefined where it is in a file, or does not answer. */
  group: ServerGroup | undefined
  /** Resolves, with the reason, where this process can do no more good. */
  mustEnd: Promise<string>
  /** Takes in what other servers changed until now, as is done once a second. @throws what the catalog throws. */
  compare(): Promise<void>
  /** Begins to take in what other servers change. */
  start(): void
  stop(): void
  /** Takes no change any more, and lets the other servers know that this one has ended. Never rejects. */
  leave(): Promise<void>
  /** Writes what it says last beside it (`current.json`), and closes it. */
  close(): Promise<void>
}

/**
 * Opens the catalog, and reads what polls are answered from.
 *
 * @param wrap What stands between the server and it.
 * @throws what `openCatalog` and `openDatabase` throw.
 */
export async function composeCatalog(
  surroundings: Surroundings,
  wrap: (catalog: Catalog) => Catalog = (catalog) => catalog,
): Promise<ComposedCatalog> {
  const { config, health, monotonic } = surroundings
  const mustEnd = Promise.withResolvers<string>()
  const writability = reportWritability(surroundings)
  const opened = await openConfigured(surroundings, writability, mustEnd.resolve)
  const isLost = () => health.isCatalogLost
  const watched = opened.readState && (await WatchedDatabase.watch(opened.readState, monotonic))
  const clock = watched?.clock ?? surroundings.clock
  const current = new CurrentReleases()
  for (const model of opened.models) current.replace(model)
  const news =
    watched === undefined || isLost()
      ? new NoOtherServers()
      : followDatabase({
          database: opened,
          current,
          monotonic,
          watched,
          onWritable: writability.changed,
        })
  const requireWritable = () => {
    health.requireOwnership()
    if (news.isStale()) throw new DomainError('catalog-unavailable', WITHOUT_DATABASE)
    if (watched?.refusal !== undefined) throw watched.refusal
  }
  const catalog = isLost()
    ? opened.catalog
    : guardWrites(auditedCatalog(wrap(opened.catalog), clock), requireWritable)
  const released = await indexReleases(catalog, current, isLost())
  const currentFile = keepCurrentFile(surroundings, current)
  const stopping = new AbortController()
  // Polls are answered until the last download has ended.
  const closing = new AbortController()
  return {
    catalog,
    clock,
    current,
    released,
    isLost,
    group: opened.group,
    isStale: news.isStale,
    database: () => (watched === undefined ? '' : watched.began),
    onOtherDatabase: (listener) => watched?.onOther(listener),
    reloadBy: (reload) => {
      news.reloadBy(reload)
    },
    mustEnd: mustEnd.promise,
    identity: isLost() ? undefined : await catalog.identity(),
    compare: () => news.compare(),
    start() {
      void news.follow(closing.signal)
      const { database } = config
      if (database !== undefined && isLost())
        void endWhenDatabaseIsBack(database, stopping.signal, mustEnd.resolve)
    },
    stop() {
      stopping.abort(new Error('The server stops'))
    },
    leave: async () => opened.leave?.(),
    async close() {
      closing.abort(new Error('The catalog is closed'))
      await currentFile.flush()
      await catalog.close()
    },
  }
}

/** Where it is told whether the catalog takes changes. */
interface Writability {
  /** @param refusal Why it takes none; undefined: it takes them again. */
  readonly changed: (refusal: DomainError | undefined) => void
  /** Another server took it over: it takes no change of this one any more. */
  superseded(): void
}

/** Logs whether the catalog takes changes, and has the server's health say so. */
function reportWritability({ health, logger }: Surroundings): Writability {
  let isSuperseded = false
  const changed = (refusal: DomainError | undefined) => {
    if (isSuperseded) return
    if (refusal === undefined) logger.info('catalog_recovered')
    else logger.error({ err: refusal }, 'catalog_unavailable')
    health.catalogFailed(refusal)
  }
  return {
    changed,
    superseded() {
      logger.fatal('superseded')
      changed(supersededServer())
      isSuperseded = true
    },
  }
}

/** Opens the catalog where the configuration has it: in a file of DATA_DIR, or in a database. */
async function openConfigured(
  { config, health, logger }: Surroundings,
  writability: Writability,
  end: (reason: string) => void,
): Promise<OpenedDatabase> {
  const { database, dataDir, storage } = config
  if (database === undefined) return await openCatalog(dataDir, { onWritable: writability.changed }, logger)
  // Loaded where it is wanted: most servers keep their catalog in a file.
  const { openDatabase } = await import('./opening/open-database.ts')
  return await openDatabase(database, {
    dataDir,
    storage: sharedStorage(storage.store),
    logger,
    onSuperseded: () => {
      writability.superseded()
      end('The database was taken over while this server did not answer.')
    },
    onMissing: (refusal) => {
      health.catalogMissing(refusal)
    },
  })
}

/** Knows every release of the catalog, and those that tags come to point at. @throws what the catalog throws. */
async function indexReleases(
  catalog: Catalog,
  current: CurrentReleases,
  isLost: boolean,
): Promise<ReleaseIndex> {
  const released = new ReleaseIndex()
  if (!isLost) await released.load(catalog)
  released.addCurrent(current)
  current.onChange(() => {
    released.addCurrent(current)
  })
  return released
}

/** Keeps a file of what tags point at, for a start without the catalog; one that is lost says nothing that it does not say. */
function keepCurrentFile({ config, health, logger }: Surroundings, current: CurrentReleases): CurrentFile {
  const name = config.database === undefined ? 'current.json' : CURRENT_FILE_OF_DATABASE
  const currentFile = new CurrentFile(path.join(config.dataDir, name), current, (error) => {
    logger.warn({ err: error }, 'current_file_failed')
  })
  current.onChange(() => {
    currentFile.schedule()
  })
  if (!health.isCatalogLost) currentFile.schedule()
  return currentFile
}
