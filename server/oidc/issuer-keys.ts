import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { readJson } from './read-json.ts'

/** Keys are fetched again after so long, in milliseconds. */
const FRESH = 10 * 60_000
/** They are used for so long where their issuer is unavailable. */
const USABLE = 60 * 60_000
/** An issuer is not asked more often, whoever sends tokens with keys of their own invention. */
const PAUSE = 30_000
/** Nor is one that does not answer. */
const PAUSE_AFTER_FAILURE = 5_000

/** That an issuer is unavailable is told once in so long: anybody may send tokens that name it. */
const TELLING_PAUSE = 10 * 60_000

const MOST_KEYS = 100

const descriptionSchema = z.object({ issuer: z.string(), jwks_uri: z.url() })

const keysSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(MOST_KEYS),
})

/** What is known of an issuer. */
interface Known {
  keys: JSONWebKeySet | undefined
  /** When they were fetched. */
  fetchedAt: number
  /** When that was tried last. */
  triedAt: number
  failure: unknown
  /** When it was told last that they cannot be fetched. */
  toldAt: number
}

/** The issuer's keys cannot be had now; the cause says why. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}

/**
 * The keys of issuers, by OpenID Connect Discovery 1.0: fetched when they are wanted, kept for ten minutes, and fetched anew
 * where a key is asked for that is not among them.
 */
export class IssuerKeys {
  readonly #now: () => number
  readonly #known = new Map<string, Known>()
  readonly #mutex = new KeyedMutex()
  readonly #onFailure: (issuer: string, failure: unknown) => void

  /**
   * @param now Milliseconds from any moment on; never goes back.
   * @param onFailure Told that the keys of an issuer cannot be fetched, once in ten minutes for each issuer.
   */
  constructor(now: () => number, onFailure: (issuer: string, failure: unknown) => void) {
    this.#now = now
    this.#onFailure = onFailure
  }

  /**
   * The keys of an issuer.
   *
   * @param issuer One that is trusted: its address is asked.
   * @param kid The key that is wanted; undefined: any.
   * @throws IssuerUnavailable
   */
  async find(issuer: string, kid: string | undefined): Promise<JSONWebKeySet> {
    // Whose key is known waits for nobody: anybody may have the issuer asked for a key that it does not have.
    const before = this.#settled(issuer, kid)
    if (before !== undefined) return this.#keysOf(issuer, before)
    return this.#mutex.run(issuer, async () => {
      const known = this.#settled(issuer, kid) ?? (await this.#fetch(issuer, this.#known.get(issuer)))
      this.#known.set(issuer, known)
      return this.#keysOf(issuer, known)
    })
  }

  /** Forgets issuers that are trusted no more. */
  keepOnly(issuers: ReadonlySet<string>): void {
    for (const issuer of this.#known.keys()) if (!issuers.has(issuer)) this.#known.delete(issuer)
  }

  /** What is known of an issuer, where it need not be asked for this key. */
  #settled(issuer: string, kid: string | undefined): Known | undefined {
    const known = this.#known.get(issuer)
    return known !== undefined && !this.#isDue(known, kid) ? known : undefined
  }

  #isDue({ keys, fetchedAt, triedAt, failure }: Known, kid: string | undefined): boolean {
    const now = this.#now()
    if (now - triedAt < (failure === undefined ? PAUSE : PAUSE_AFTER_FAILURE)) return false
    const hasKey = keys?.keys.some((key) => kid === undefined || key.kid === kid) ?? false
    return !hasKey || now - fetchedAt >= FRESH
  }

  #keysOf(issuer: string, { keys, fetchedAt, failure }: Known): JSONWebKeySet {
    if (keys !== undefined && this.#now() - fetchedAt < USABLE) return keys
    throw new IssuerUnavailable(`The keys of ${issuer} cannot be had`, { cause: failure })
  }

  async #fetch(issuer: string, before: Known | undefined): Promise<Known> {
    const triedAt = this.#now()
    const { keys: keysBefore, fetchedAt = -Infinity, toldAt = -Infinity } = before ?? {}
    try {
      const keys = await fetchKeys(issuer)
      return { keys, fetchedAt: triedAt, triedAt, failure: undefined, toldAt }
    } catch (failure) {
      const isTold = triedAt - toldAt < TELLING_PAUSE
      if (!isTold) this.#onFailure(issuer, failure)
      return { keys: keysBefore, fetchedAt, triedAt, failure, toldAt: isTold ? toldAt : triedAt }
    }
  }
}

async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const base = issuer.endsWith('/') ? issuer : `${issuer}/`
  const description = descriptionSchema.parse(await readJson(`${base}.well-known/openid-configuration`))
  // Whoever can have another issuer's description served must not have his keys taken for its (Discovery §4.3).
  if (description.issuer !== issuer) throw new Error(`${issuer} calls itself ${description.issuer}`)
  const address = new URL(description.jwks_uri)
  const isAsSafe = address.protocol === 'https:' || address.origin === new URL(issuer).origin
  if (!isAsSafe) throw new Error(`${issuer} has its keys at ${address.origin}, without https`)
  return keysSchema.parse(await readJson(address.href)) as JSONWebKeySet
}
