import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { readJson } from './read-json.ts'

/** Keys are fetched again after so long, in milliseconds. */
const FRESH = 10 * 60_000
/** They are gone by for so long where their issuer is away. */
const USABLE = 60 * 60_000
/** An issuer is not asked more often, whoever sends tokens with keys of their own invention. */
const PAUSE = 30_000
/** Nor is one that does not answer. */
const PAUSE_AFTER_FAILURE = 5_000

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
  readonly #turns = new KeyedMutex()

  /** @param now Milliseconds from any moment on; never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * The keys of an issuer.
   *
   * @param issuer One that is trusted: its address is asked.
   * @param kid The key that is wanted; undefined: any.
   * @throws IssuerUnavailable
   */
  async find(issuer: string, kid: string | undefined): Promise<JSONWebKeySet> {
    return this.#turns.run(issuer, async () => {
      const known = this.#known.get(issuer)
      if (known !== undefined && !this.#isDue(known, kid)) return this.#keysOf(issuer, known)
      const fetched = await this.#fetch(issuer, known)
      this.#known.set(issuer, fetched)
      return this.#keysOf(issuer, fetched)
    })
  }

  /** Forgets issuers that are trusted no more. */
  keepOnly(issuers: ReadonlySet<string>): void {
    for (const issuer of this.#known.keys()) if (!issuers.has(issuer)) this.#known.delete(issuer)
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
    try {
      const keys = await fetchKeys(issuer)
      return { keys, fetchedAt: triedAt, triedAt, failure: undefined }
    } catch (failure) {
      return { keys: before?.keys, fetchedAt: before?.fetchedAt ?? -Infinity, triedAt, failure }
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
