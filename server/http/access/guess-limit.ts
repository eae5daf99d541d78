import { createHash } from 'node:crypto'
import { TOKEN_PREFIX } from '../../../protocol/token-text.ts'
import type { Clock } from '../../time/clock.ts'

const MINUTE = 60_000
/** Beyond this many addresses the oldest is forgotten: guessing must not fill the memory. */
const MAX_REMEMBERED = 10_000
/** Characters by which tokens are told apart where many clients share an address, behind what all tokens of ours begin with. */
const BEGINNING = 4

/** Where a request comes from, as far as it can be known. */
export interface Source {
  /** The client's address, or the network that is given to one subscriber. */
  readonly address: string
  /** Whether a proxy that hides its clients sent it: then the address is everybody's behind it. */
  readonly isShared: boolean
}

interface Guesses {
  since: number
  /** Short hashes of the different wrong tokens. */
  wrong: Set<string>
  lockedUntil: number
}

/**
 * Slows down the guessing of tokens.
 *
 * - A guess is a wrong token that the address has not sent within the minute. A bot with an old token sends the same one
 *   at each poll: it guesses nothing, and locks nobody out. Nor does a request without a token.
 * - After too many guesses in a minute the address is locked out for the next minute: no token from it is even looked at,
 *   right or wrong. Requests from elsewhere are not touched.
 * - Behind a proxy that hides its clients (SLIPWAY_TRUST_PROXY is not set) the address is everybody's. There, tokens that
 *   begin as one that has been right from this address are counted, and locked, by themselves: whoever guesses
 *   wildly locks out other guesses and not the bots beside him; whoever knows how the right token begins has as few tries
 *   a minute as anybody.
 */
export class GuessLimit {
  readonly #clock: Clock
  readonly #allowed: number
  readonly #guesses = new Map<string, Guesses>()
  /** Beginnings of tokens that were right, by the shared address that they came from. */
  readonly #inUse = new Set<string>()
  /** Milliseconds since 1970. */
  #lastWrongAt = -Infinity

  /** @param allowed Guesses that an address has in a minute. */
  constructor(clock: Clock, allowed: number) {
    this.#clock = clock
    this.#allowed = allowed
  }

  /** Whether no address is locked out, as none has guessed within the minute; then nothing need be asked. */
  get isQuiet(): boolean {
    if (this.#guesses.size === 0) return true
    // A clock that was set back a little opens no lock: see `isLocked`.
    return Math.abs(this.#clock.now() - this.#lastWrongAt) >= MINUTE
  }

  /** Whether a token from there must not be looked at now. */
  isLocked(source: Source, token: string): boolean {
    const guesses = this.#guesses.get(this.#keyOf(source, token))
    if (guesses === undefined || guesses.lockedUntil === 0) return false
    const left = guesses.lockedUntil - this.#clock.now()
    // A clock that was set back must not lock anybody out for long.
    return left > 0 && left <= MINUTE
  }

  /** Takes down that a token from there was wrong. */
  addWrong(source: Source, token: string): void {
    const now = this.#clock.now()
    this.#lastWrongAt = now
    const key = this.#keyOf(source, token)
    let guesses = this.#guesses.get(key)
    if (guesses === undefined || now - guesses.since >= MINUTE || now < guesses.since) {
      guesses = { since: now, wrong: new Set(), lockedUntil: 0 }
      this.#guesses.delete(key)
      this.#guesses.set(key, guesses)
      dropOldest(this.#guesses)
    }
    guesses.wrong.add(createHash('sha256').update(token).digest('base64url').slice(0, 12))
    if (guesses.wrong.size < this.#allowed) return
    guesses.lockedUntil = now + MINUTE
    guesses.since = now
    guesses.wrong.clear()
  }

  /** Takes down that a token from there was right. */
  addRight(source: Source, token: string): void {
    if (!source.isShared) return
    this.#inUse.add(sharedKey(source, token))
    dropOldest(this.#inUse)
  }

  #keyOf(source: Source, token: string): string {
    const key = sharedKey(source, token)
    return source.isShared && this.#inUse.has(key) ? key : source.address
  }
}

function sharedKey({ address }: Source, token: string): string {
  const prefix = token.startsWith(TOKEN_PREFIX) ? TOKEN_PREFIX.length : 0
  return `${address} ${token.slice(0, prefix + BEGINNING)}`
}

function dropOldest(entries: Map<string, unknown> | Set<string>): void {
  if (entries.size <= MAX_REMEMBERED) return
  const [oldest] = entries.keys()
  if (oldest !== undefined) entries.delete(oldest)
}
