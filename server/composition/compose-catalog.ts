import path from 'node:path'
import { auditedCatalog } from '../access/audit/audited-catalog.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { guardWrites } from '../catalog/guard-writes.ts'
import { NoOtherServers, type ReleaseNews } from '../coordination/release-news.ts'
import type { DomainError } from '../errors/errors.ts'
import { CurrentReleases } from '../releases/current-releases.ts'
import { ReleaseIndex } from '../releases/release-index.ts'
import { CurrentFile } from './current-file.ts'
import { openCatalog } from './open-catalog.ts'
import type { Surroundings } from './surroundings.ts'

/** The catalog, and what of it is kept in memory to answer polls from. */
export interface ComposedCatalog {
  /** Takes no change of a model while another server owns the storage. */
  catalog: Catalog
  /** Who the catalog is; undefined where it is lost. */
  identity: string | undefined
  current: CurrentReleases
  released: ReleaseIndex
  /** Whether it is damaged or gone, which may be found at any time: polls are answered from memory then. */
  isLost: () => boolean
  /** Begins to take in what other servers change. */
  start(): void
  stop(): void
  /** Writes what it says last beside it (`current.json`), and closes it. */
  close(): Promise<void>
}

/** Opens the catalog of DATA_DIR, and reads what polls are answered from. @throws what `openCatalog` throws. */
export async function composeCatalog({
  config,
  clock,
  health,
  logger,
}: Surroundings): Promise<ComposedCatalog> {
  const onWritable = (refusal: DomainError | undefined) => {
    if (refusal === undefined) logger.info('catalog_recovered')
    else logger.error({ err: refusal }, 'catalog_unavailable')
    health.catalogFailed(refusal)
  }
  const opened = await openCatalog(config.dataDir, { onWritable }, logger)
  const isLost = () => health.isCatalogLost
  const catalog = isLost()
    ? opened.catalog
    : guardWrites(auditedCatalog(opened.catalog, clock), health.requireOwnership)
  const current = new CurrentReleases()
  for (const model of opened.models) current.replace(model)
  const released = new ReleaseIndex()
  if (!isLost()) await released.load(catalog)
  released.addCurrent(current)
  const currentFile = new CurrentFile(path.join(config.dataDir, 'current.json'), current, (error) => {
    logger.warn({ err: error }, 'current_file_failed')
  })
  current.onChange(() => {
    released.addCurrent(current)
    currentFile.schedule()
  })
  if (!isLost()) currentFile.schedule()
  const news: ReleaseNews = new NoOtherServers()
  const stopping = new AbortController()
  return {
    ...{ catalog, current, released, isLost },
    identity: isLost() ? undefined : await catalog.identity(),
    start() {
      void news.follow(stopping.signal)
    },
    stop() {
      stopping.abort(new Error('The server stops'))
    },
    async close() {
      await currentFile.flush()
      await catalog.close()
    },
  }
}
