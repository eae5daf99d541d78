import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { lockDataDirectory, type DataLock } from '../catalog/sqlite/data-lock.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../time/clock.ts'
import { readDiskSpace } from '../upkeep/disk-space.ts'
import type { CleanupStack } from './opening/cleanup-stack.ts'
import { composeCatalog, type ComposedCatalog } from './compose-catalog.ts'
import { composeStorage, type ComposedStorage } from './compose-storage.ts'
import { composeTls, type ComposedTls } from './compose-tls.ts'
import { composeTokens, type ComposedTokens } from './compose-tokens.ts'
import { Health } from './health.ts'
import type { Replacements } from './replacements.ts'
import { StoreMetrics } from './readings/store-metrics.ts'
import type { Surroundings } from './surroundings.ts'

/** What a server opens at its start, and builds everything else over. */
export interface Foundation {
  surroundings: Surroundings
  /** Keeps other processes out of DATA_DIR. */
  dataLock: DataLock
  tls: ComposedTls
  catalog: ComposedCatalog
  tokens: ComposedTokens
  storage: ComposedStorage
}

/**
 * Opens the data directory, the catalog and the storage, in this order.
 *
 * @param cleanup Is told how to close each of them, for where the start fails later.
 * @throws DataDirectoryInUse, ConfigError, and what catalog and store throw where they cannot be opened.
 */
export async function openFoundation(
  config: Config,
  logger: Logger,
  machineClock: Clock,
  replacements: Replacements,
  cleanup: CleanupStack,
): Promise<Foundation> {
  const dataLock = await lockDataDirectory(config.dataDir)
  cleanup.add(() => {
    dataLock.release()
  })
  const { readSpace = () => readDiskSpace(config.dataDir), monotonic = () => performance.now() } =
    replacements
  const { looks, random = randomBytes } = replacements
  const own: Surroundings = {
    config,
    logger,
    machineClock,
    monotonic,
    random,
    looks,
    readSpace,
    clock: machineClock,
    health: new Health(),
    storeMetrics: new StoreMetrics(),
  }
  const tls = await composeTls(own)
  const catalog = await composeCatalog(own, replacements.wrapCatalog)
  cleanup.add(() => catalog.close())
  // Servers that share a database decide by its clock.
  const surroundings = { ...own, clock: catalog.clock }
  const tokens = await composeTokens(surroundings, catalog)
  cleanup.add(() => tokens.close())
  const storage = await composeStorage(surroundings, catalog, replacements.storage)
  cleanup.add(async () => {
    // Before the store is closed, without which no lease can be given up.
    await storage.lease?.abandon()
    await storage.store.close()
  })
  return { surroundings, dataLock, tls, catalog, tokens, storage }
}
