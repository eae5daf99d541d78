/**
 * What kind of failure it was; the command's exit code follows from it (docs/puller.md).
 *
 * - `configuration`: what was asked cannot work, and trying again will not help.
 * - `disk`: this machine's disk said no, or another puller works on the folder.
 * - `unsound`: what came is not a sound archive, or not what it was said to be.
 * - `source`: the source is away, refused, broke off, or had nothing.
 */
export type FailureKind = 'configuration' | 'disk' | 'unsound' | 'source'

export interface FailureDetails {
  /** Whether the same request may go better later; only then does a single run try again. */
  again: boolean
  /** How long the source asked us to wait, in milliseconds. */
  retryAfter?: number | undefined
  /** Ends `watch` too: going on would only repeat the refusal. */
  final?: boolean
  cause?: unknown
}

/** Why nothing was installed. The message says what happened, what was expected and what to do. */
export class PullFailure extends Error {
  override readonly name = 'PullFailure'
  readonly kind: FailureKind
  readonly again: boolean
  readonly retryAfter: number | undefined
  readonly final: boolean

  constructor(kind: FailureKind, message: string, details: FailureDetails = { again: false }) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.kind = kind
    this.again = details.again
    this.retryAfter = details.retryAfter
    this.final = details.final ?? false
  }
}

/** The `code` of a system error, such as `ENOSPC`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
