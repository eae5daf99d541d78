import { DatabaseError } from 'pg'
import { DomainError } from '../../errors/errors.ts'
import { WITHOUT_DATABASE } from './without-database.ts'

/**
 * Gives Postgres' failures the domain's names; mistakes of ours, such as a constraint, come back as they are.
 *
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function domainErrorOf(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error
  if (isConnectionLost(error)) return unavailable(WITHOUT_DATABASE, error)
  if (!(error instanceof DatabaseError)) return error
  const { code = '' } = error
  if (code === LOCK_NOT_AVAILABLE || isConflict(error)) {
    return new DomainError(
      'catalog-busy',
      'Another change holds the catalog. Nothing was changed; try again in a moment.',
      {},
      { cause: error },
    )
  }
  if (code === DISK_FULL) {
    return new DomainError(
      'disk-full',
      'The disk of the database is full. Nothing was changed; free some space there and try again.',
      {},
      { cause: error },
    )
  }
  if (code === READ_ONLY) return takesNoWrites(error)
  if (code === QUERY_CANCELED) {
    return unavailable('The database took too long. Nothing was changed; try again in a moment.', error)
  }
  if (UNAVAILABLE.some((kind) => code.startsWith(kind))) {
    return unavailable(
      'The database cannot be read or written. Nothing was changed; the log of the server says more.',
      error,
    )
  }
  return error
}

/** Whether the same transaction may succeed when it is done once more from its beginning. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && CONFLICTS.includes(error.code ?? '')
}

/** Whether the connection says nothing any more: it broke, was refused, or nothing came in time. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    const { code = '', severity } = error
    return severity === 'FATAL' || severity === 'PANIC' || code.startsWith('08') || GOING_DOWN.includes(code)
  }
  if (!(error instanceof Error) || isOfFiles(error)) return false
  return 'syscall' in error || 'errno' in error || isMessageOfDriver(error)
}

/** Whether no answer to a statement came in our own time: the database may work on it still. */
export function isAnswerLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** Node says of files what it says of sockets, too: with a path, or that there is no room. */
function isOfFiles(error: Error & { code?: unknown }): boolean {
  return 'path' in error || NO_ROOM.includes(String(error.code))
}

const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG']

/** pg gives these no code. */
function isMessageOfDriver({ message }: Error): boolean {
  return /^(Connection terminated|Query read timeout|timeout e|Client has encountered a connection error|Client was closed|The server does not support SSL|Client network socket disconnected)/.test(
    message,
  )
}

/** Whether Postgres does not let the user do this, or knows no such thing: asking again changes nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && REFUSALS.some((kind) => error.code?.startsWith(kind) === true)
}

/** Whether a session can only be of use on another server: the one that it is with became a standby. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === READ_ONLY
}

/** Why a database is not written to that its administrator has read-only, or that became a standby. */
export function takesNoWrites(cause?: unknown): DomainError {
  return unavailable(
    'The database takes no writes: it is a standby, or set read-only (default_transaction_read_only). Nothing was changed, and nothing can ' +
      'be until it is writable again; where another one is the primary now, DATABASE_URL must name that.',
    cause,
  )
}

function unavailable(message: string, cause: unknown): DomainError {
  return new DomainError('catalog-unavailable', message, {}, cause === undefined ? {} : { cause })
}

const LOCK_NOT_AVAILABLE = '55P03'
/** Access rule violations and the like; features that are not supported. */
const REFUSALS = ['42', '0A']
const DISK_FULL = '53100'
const READ_ONLY = '25006'
const QUERY_CANCELED = '57014'

/** serialization_failure, deadlock_detected */
const CONFLICTS = ['40001', '40P01']

/** admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, idle_in_transaction_session_timeout */
const GOING_DOWN = ['57P01', '57P02', '57P03', '57P05', '25P03']

/** Insufficient resources, too complex, not in a state for it, system errors, rights taken away, damaged pages, schema gone. */
const UNAVAILABLE = ['53', '54', '55', '58', '42501', 'XX', '42P01', '3F', '3D', '28', 'F0']
