import path from 'node:path'
import { auditedCatalog } from '../access/audit/audited-catalog.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { guardWrites } from '../catalog/guard-writes.ts'
import type { SharedCatalog } from '../catalog/postgres/postgres-catalog.ts'
import { STANDARD_LIMITS, type PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { supersededServer } from '../catalog/postgres/server-lease.ts'
import { WITHOUT_DATABASE } from '../catalog/postgres/without-database.ts'
import { NoOtherServers } from '../coordination/release-news.ts'
import type { ServerGroup } from '../coordination/server-group.ts'
import { DomainError } from '../errors/errors.ts'
import { FollowRevisions } from '../releases/follow-revisions.ts'
import { CurrentReleases } from '../releases/current-releases.ts'
import { ReleaseIndex } from '../releases/release-index.ts'
import { CURRENT_FILE_OF_DATABASE, CurrentFile } from './current-file.ts'
import type { Clock } from '../time/clock.ts'
import { repeat } from '../time/repeat.ts'
import { sampleClock, SharedClock } from '../time/shared-clock.ts'
import { openCatalog } from './open-catalog.ts'
import type { OpenedDatabase } from './open-database.ts'
import { sharedStorage } from './shared-storage.ts'
import type { Surroundings } from './surroundings.ts'

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
  const { config, health, logger, monotonic } = surroundings
  const { database } = config
  const mustEnd = Promise.withResolvers<string>()
  let isSuperseded = false
  const onWritable = (refusal: DomainError | undefined) => {
    if (isSuperseded) return
    if (refusal === undefined) logger.info('catalog_recovered')
    else logger.error({ err: refusal }, 'catalog_unavailable')
    health.catalogFailed(refusal)
  }
  const opened: OpenedDatabase =
    database === undefined
      ? await openCatalog(config.dataDir, { onWritable }, logger)
      : // Loaded where it is wanted: most servers keep their catalog in a file.
        await (
          await import('./open-database.ts')
        ).openDatabase(database, {
          ...{ dataDir: config.dataDir, storage: sharedStorage(config.storage.store), logger },
          onSuperseded: () => {
            logger.fatal('superseded')
            onWritable(supersededServer())
            isSuperseded = true
            mustEnd.resolve('The database was taken over while this server did not answer.')
          },
          onMissing: (refusal) => {
            health.catalogMissing(refusal)
          },
        })
  const isLost = () => health.isCatalogLost
  const shared = opened.readState && (await watchDatabase(opened.readState, monotonic))
  const clock = shared?.clock ?? surroundings.clock
  const current = new CurrentReleases()
  for (const model of opened.models) current.replace(model)
  /** Why the database takes no changes, as it said last. */
  let refusal: DomainError | undefined
  const news = database === undefined || isLost() ? new NoOtherServers() : followDatabase(opened, current)
  const requireWritable = () => {
    health.requireOwnership()
    if (news.isStale()) throw new DomainError('catalog-unavailable', WITHOUT_DATABASE)
    if (refusal !== undefined) throw refusal
  }
  const catalog = isLost()
    ? opened.catalog
    : guardWrites(auditedCatalog(wrap(opened.catalog), clock), requireWritable)
  const released = new ReleaseIndex()
  if (!isLost()) await released.load(catalog)
  released.addCurrent(current)
  const file = path.join(config.dataDir, database === undefined ? 'current.json' : CURRENT_FILE_OF_DATABASE)
  const currentFile = new CurrentFile(file, current, (error) => {
    logger.warn({ err: error }, 'current_file_failed')
  })
  current.onChange(() => {
    released.addCurrent(current)
    currentFile.schedule()
  })
  if (!isLost()) currentFile.schedule()
  const stopping = new AbortController()
  // Polls are answered until the last download has ended.
  const closing = new AbortController()
  return {
    ...{ catalog, clock, current, released, isLost, group: opened.group },
    isStale: news.isStale,
    reloadBy: (reload) => {
      news.reloadBy(reload)
    },
    mustEnd: mustEnd.promise,
    identity: isLost() ? undefined : await catalog.identity(),
    compare: () => news.compare(),
    start() {
      void news.follow(closing.signal)
      if (database !== undefined && isLost()) void endWhenBack(database, stopping.signal, mustEnd.resolve)
    },
    stop() {
      stopping.abort(new Error('The server stops'))
    },
    async close() {
      closing.abort(new Error('The catalog is closed'))
      await currentFile.flush()
      await catalog.close()
    },
  }

  function followDatabase(
    { catalog, group, listen }: OpenedDatabase,
    current: CurrentReleases,
  ): FollowRevisions {
    let told: DomainError | undefined
    const following = new FollowRevisions({
      ...{ catalog, current, monotonic },
      async alongside() {
        refusal = await shared?.look()
      },
      onCompared: (failure) => {
        if (failure === undefined) group?.compared()
        const found =
          failure === undefined
            ? refusal
            : new DomainError('catalog-unavailable', WITHOUT_DATABASE, {}, { cause: failure })
        if (found?.message === told?.message) return
        told = found
        onWritable(found)
      },
    })
    listen?.(({ model, revision }) => {
      following.hear(model, revision)
    })
    return following
  }
}

/** The clock of a database, and what looks at it again, and says why the database takes no writes, if it takes none. */
async function watchDatabase(
  readState: SharedCatalog['readState'],
  monotonic: () => number,
): Promise<{ clock: SharedClock; look: () => Promise<DomainError | undefined> }> {
  let refusal: DomainError | undefined
  const readClock = async () => {
    const state = await readState()
    refusal = state.refusal
    return state.now
  }
  const clock = new SharedClock(monotonic, await sampleClock(readClock, monotonic))
  return {
    clock,
    async look() {
      clock.learn(await sampleClock(readClock, monotonic))
      return refusal
    },
  }
}

const LOOK_FOR_DATABASE_MS = 5_000

/** A server that started without its database knows no rollouts and no bots: another start reads them. */
async function endWhenBack(
  database: PostgresSettings,
  signal: AbortSignal,
  end: (reason: string) => void,
): Promise<void> {
  const { findConnector } = await import('../catalog/postgres/open-pool.ts')
  const look = async () => {
    await findConnector(database, STANDARD_LIMITS)
    end('The database is back: a server that started without it is to be started again.')
    return undefined
  }
  await repeat({ first: LOOK_FOR_DATABASE_MS, every: LOOK_FOR_DATABASE_MS }, signal, look, () => undefined)
}
