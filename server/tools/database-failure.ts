import { explainFailure } from '../catalog/postgres/explain-failure.ts'
import { MovedMeanwhile } from '../catalog/postgres/database-move.ts'
import { BackupUnderWay } from '../catalog/postgres/keep-blobs.ts'
import { domainErrorOf as domainErrorOfPostgres } from '../catalog/postgres/postgres-error.ts'
import type { PostgresSettings } from '../catalog/postgres/postgres-settings.ts'
import { CopyDiffers } from '../catalog/sql/copy-catalog.ts'
import { NewerCatalog } from '../catalog/sql/migrate-catalog.ts'
import { domainErrorOf } from '../catalog/sqlite/sqlite-error.ts'
import { readDatabaseUrl } from '../config/database-config.ts'
import { DomainError } from '../errors/errors.ts'
import { ToolFailure } from './tool-failure.ts'

/** The database that an address names. @throws ToolFailure (2) */
export function readDatabase(url: string): PostgresSettings {
  const mistakes: string[] = []
  const settings = readDatabaseUrl(url, mistakes)
  if (settings === undefined) throw new ToolFailure(2, `${mistakes.join('. ')}.`)
  return settings
}

/** The database that the server of this environment uses; undefined where its catalog is a file. @throws ToolFailure (2) */
export function configuredDatabase({
  DATABASE_URL: url,
}: Readonly<Record<string, string | undefined>>): PostgresSettings | undefined {
  return url === undefined || url === '' ? undefined : readDatabase(url)
}

/** A failure of work on a database as a tool tells it: 5 where the database cannot be reached or used, 10 where its catalog is elsewhere now. */
export function databaseFailure(settings: PostgresSettings, error: unknown): unknown {
  if (error instanceof ToolFailure) return error
  if (error instanceof CopyDiffers) return copyFailure(error)
  if (error instanceof BackupUnderWay) return new ToolFailure(3, error.message, { cause: error })
  const sentence = explainFailure(settings, error)
  if (sentence !== undefined)
    return new ToolFailure(
      error instanceof MovedMeanwhile ? 10 : 5,
      `${withCapital(sentence).replace(/\.$/, '')}.`,
      {
        cause: error,
        ...(error instanceof NewerCatalog ? { reason: 'newer-catalog' } : {}),
      },
    )
  const told = domainErrorOfPostgres(error)
  if (told instanceof DomainError && OF_THE_DATABASE.includes(told.code))
    return new ToolFailure(5, told.message, { cause: error })
  // Of the disk here: on its way a catalog is a file.
  const local = domainErrorOf(error)
  return local instanceof DomainError && local.code === 'disk-full'
    ? new ToolFailure(3, local.message, { cause: error })
    : error
}

/** A copy that differs as a tool tells it; other failures as they are. */
export function copyFailure(error: unknown): unknown {
  return error instanceof CopyDiffers ? new ToolFailure(3, error.message, { cause: error }) : error
}

const OF_THE_DATABASE = ['catalog-busy', 'catalog-unavailable']

/** An address is written as it is. */
function withCapital(sentence: string): string {
  return sentence.startsWith('postgres:')
    ? sentence
    : `${sentence[0]?.toUpperCase() ?? ''}${sentence.slice(1)}`
}
