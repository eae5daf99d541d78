import Database from 'better-sqlite3'
import { DomainError } from '../../errors/errors.ts'

/**
 * Gives SQLite's failures the domain's names; anything else, and mistakes of ours such as a constraint,
 * comes back as it is.
 *
 * Result codes: https://www.sqlite.org/rescode.html
 */
export function domainErrorOf(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  if (isBusy(error)) {
    return new DomainError(
      'catalog-busy',
      'Another program holds the catalog. Try again in a moment; if it stays so, end that program.',
      {},
      { cause: error },
    )
  }
  if (isFullCode(error.code)) {
    return new DomainError(
      'disk-full',
      'The disk of the catalog is full. Nothing was changed; free some space and try again.',
      {},
      { cause: error },
    )
  }
  if (!UNAVAILABLE.some((code) => error.code.startsWith(code))) return error
  return new DomainError(
    'catalog-unavailable',
    'The catalog cannot be read or written. Nothing was changed; the log of the server says more.',
    {},
    { cause: error },
  )
}

/** Whether a moment later it may work. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

/** Whether a failure left open what the disk now holds: a sync that failed must not be tried again. */
export function isOutcomeUnknown(error: unknown): boolean {
  const cause = error instanceof DomainError ? error.cause : error
  return cause instanceof Database.SqliteError && /^SQLITE_IOERR_(DIR_)?FSYNC/.test(cause.code)
}

const UNAVAILABLE = [
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_PERM',
  'SQLITE_PROTOCOL',
  'SQLITE_NOLFS',
]

/** IOERR_SHMSIZE: the index beside the write-ahead log could not grow, in practice for want of space. */
function isFullCode(code: string): boolean {
  return code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE'
}

/** Whether a failure says that the file itself is damaged, so that only a backup helps. */
export function isDamaged(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof DomainError && error.data['damaged'] === true) return true
  if (error instanceof Database.SqliteError) return /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)
  return isDamaged(error.cause)
}

/** Whether a failure comes of a disk without room. */
export function isFull(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'disk-full' || isFull(error.cause))
}
