/**
 * What kind of failure it was; the command's exit code follows from it (docs/puller.md, docs/cli.md).
 *
 * - `configuration`: what was asked cannot work, and trying again will not help.
 * - `disk`: this machine's disk failed or is full, or another puller works on the folder.
 * - `unsound`: what came is not a sound archive, or not what it was said to be.
 * - `source`: the source or server cannot be reached, refused, broke off, or had nothing.
 * - `refused`: the `--on-change` command refused the archive.
 * - `postponed`: the `--on-change` command asked to be run again later; the archive is in place meanwhile.
 * - `denied`: a management call that the server does not accept: missing rights, or unacceptable content.
 * - `not-found`: a management call names something that does not exist.
 * - `conflict`: a management call contradicts the state of the server.
 */
export type FailureKind =
  | 'configuration'
  | 'disk'
  | 'unsound'
  | 'source'
  | 'refused'
  | 'postponed'
  | 'denied'
  | 'not-found'
  | 'conflict'

export interface FailureDetails {
  /** Whether the same request may succeed later; only then does a single run try again. */
  again: boolean
  /** How long the source asked us to wait, in milliseconds. */
  retryAfter?: number | undefined
  /** Ends `watch` too: going on would only repeat the refusal. */
  final?: boolean
  /** Whether the request may have reached the server, and been done, although no answer of it says so. */
  mayBeDone?: boolean
  cause?: unknown
}

/** Why nothing was installed. The message says what happened, what was expected and what to do. */
export class PullFailure extends Error {
  override readonly name = 'PullFailure'
  readonly kind: FailureKind
  readonly again: boolean
  readonly retryAfter: number | undefined
  readonly final: boolean
  readonly mayBeDone: boolean

  constructor(kind: FailureKind, message: string, details: FailureDetails = { again: false }) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.kind = kind
    this.again = details.again
    this.retryAfter = details.retryAfter
    this.final = details.final ?? false
    this.mayBeDone = details.mayBeDone ?? false
  }
}

/** The `code` of a system error, such as `ENOSPC`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether a file or folder could not be read or written. zlib's errors have a code too, but no system call. */
export function isSystemError(error: unknown): error is Error {
  return errorCode(error) !== undefined && error instanceof Error && 'syscall' in error
}
