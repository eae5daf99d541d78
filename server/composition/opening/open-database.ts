import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { DatabaseError } from 'pg'
import type { Logger } from 'pino'
import { explainFailure, isCertificateRefused, isWithoutTls } from '../../catalog/postgres/explain-failure.ts'
import { isConnectionLost } from '../../catalog/postgres/postgres-error.ts'
import { openSharedCatalog, type SharedCatalog } from '../../catalog/postgres/postgres-catalog.ts'
import { PostgresMisconfigured } from '../../catalog/postgres/postgres-misconfigured.ts'
import type { PostgresSettings } from '../../catalog/postgres/postgres-settings.ts'
import { WITHOUT_DATABASE } from '../../catalog/postgres/without-database.ts'
import { hasEmbeddedModels } from '../../catalog/sqlite/has-embedded-models.ts'
import { unavailableCatalog } from '../../catalog/unavailable-catalog.ts'
import { ConfigError } from '../../config/config.ts'
import { version } from '../../config/version.ts'
import type { SharedStorage } from '../../coordination/server-group.ts'
import { DomainError } from '../../errors/errors.ts'
import { CURRENT_FILE_OF_DATABASE, readCurrentFile } from './current-file.ts'
import type { OpenedCatalog } from './open-catalog.ts'
import { thisPlace } from './this-place.ts'

export interface OpenDatabaseOptions {
  dataDir: string
  /** Where this server keeps archives. */
  storage: SharedStorage
  logger: Logger
  /** Told where another server took the catalog over while this one did not answer. */
  onSuperseded: () => void
  /** Told that the database does not answer, and that the server starts with what it said last. */
  onMissing: (refusal: DomainError) => void
}

/** A catalog in a database, and the servers that share it; undefined where it does not answer. */
export type OpenedDatabase = OpenedCatalog & Partial<Omit<SharedCatalog, 'catalog'>>

/**
 * Opens the catalog in a database, as one of those servers that share it. Where the database does not answer now and did before, polls are
 * answered from what it said last, and every change is refused.
 *
 * @throws ConfigError that says what to do, where it cannot or must not be used; DomainError `catalog-unavailable`, which says
 *   so too, where it may be used later.
 */
export async function openDatabase(
  settings: PostgresSettings,
  { dataDir, storage, logger, onSuperseded, onMissing }: OpenDatabaseOptions,
): Promise<OpenedDatabase> {
  try {
    const server = { id: randomUUID(), ...(await thisPlace(dataDir)), version, storage }
    const opened = await openSharedCatalog(settings, { server, onSuperseded })
    const { catalog } = opened
    try {
      const models = await catalog.readCurrent()
      if (models.length === 0) refuseForgottenCatalog(path.join(dataDir, 'catalog.sqlite'))
      return { ...opened, models }
    } catch (error) {
      await catalog.close()
      throw error
    }
  } catch (error) {
    const last = isUnreachable(error)
      ? await readCurrentFile(path.join(dataDir, CURRENT_FILE_OF_DATABASE))
      : undefined
    if (last === undefined) throw explained(settings, error)
    logger.error({ err: error, models: last.length }, 'catalog_unavailable')
    const refusal = new DomainError('catalog-unavailable', WITHOUT_DATABASE, {}, { cause: error })
    onMissing(refusal)
    return { catalog: unavailableCatalog(refusal), models: last }
  }
}

/** Numbers would begin at 1 again, and no bot would find its model. */
function refuseForgottenCatalog(file: string): void {
  if (!hasEmbeddedModels(file)) return
  throw new PostgresMisconfigured(
    `the database is empty, and ${path.dirname(file)} has a catalog of its own; ` +
      'move that into the database (slipway migrate --from DATA_DIR --to DATABASE_URL), or name another DATA_DIR',
  )
}

/** Whether it may answer later without anything being changed. */
function isUnreachable(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error
  if (!isConnectionLost(cause) || isCertificateRefused(cause) || isWithoutTls(cause)) return false
  return !(cause instanceof DatabaseError) || !REFUSALS.some((code) => cause.code?.startsWith(code))
}

/** Who connects is refused, or there is no such database: neither changes by itself. */
const REFUSALS = ['28', '3D', '42']

function explained(settings: PostgresSettings, error: unknown): unknown {
  const sentence = explainFailure(settings, error)
  if (sentence === undefined) return error
  // Service managers do not start a server again whose configuration is wrong.
  if (isUnreachable(error))
    return new DomainError('catalog-unavailable', `DATABASE_URL: ${sentence}`, {}, { cause: error })
  return new ConfigError([`DATABASE_URL: ${sentence}`], { cause: error })
}
