import { timingSafeEqual } from 'node:crypto'
import { parseGrant, type Permission } from '../../protocol/grant.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { ChangedTokens, TokenReader } from '../catalog/tokens.ts'
import { FollowedDatabase } from '../coordination/followed-database.ts'
import { compileGrants, type Allows } from './grants.ts'
import type { Principal } from './principal.ts'
import type { TokenRecord } from './token.ts'

/** A token that opens something, ready to be asked. */
export interface KnownToken {
  readonly id: number
  readonly principal: Principal
  readonly allow: readonly string[]
  readonly allows: Allows
  /** Milliseconds since 1970; Infinity: never. */
  readonly expiresAt: number
  readonly digest: Buffer
  /** Whether it was asked for since {@link KnownTokens.takeUsed} was called last. */
  isUsed: boolean
}

/** What is known of tokens, to be kept for the day when the catalog cannot be read. */
export interface SavedTokens {
  readonly revision: number
  readonly hasPullTokens: boolean
  /** What an earlier version wrote lacks it. */
  readonly hasTokens?: boolean
  readonly tokens: readonly SavedToken[]
}

/** As in the catalog; `expiresAt` null: never. */
type SavedToken = Pick<TokenRecord, 'id' | 'name' | 'subject' | 'allow' | 'digest' | 'expiresAt'>

/** Compared where nothing was found, so that this takes as long. */
const NOBODYS = Buffer.alloc(32)

/**
 * The tokens of the catalog that open something, in memory: every poll looks one up here, and waits for nothing. What was
 * changed elsewhere comes in with {@link refresh}.
 */
export class KnownTokens {
  readonly #byDigest = new Map<string, KnownToken>()
  readonly #byId = new Map<number, KnownToken>()
  /** By name, how many of them were issued for some minutes only. */
  readonly #issued = new Map<string, number>()
  readonly #turns = new KeyedMutex()
  readonly #followed: FollowedDatabase
  #revision = 0
  #hasTokens = false
  #hasPullTokens = false
  #onChange: () => void = () => undefined

  /** @param followed Tells which database the catalog is in: another one may give revisions again that tell of lost changes. */
  constructor(followed = new FollowedDatabase()) {
    this.#followed = followed
  }

  /**
   * Whether there never was one that somebody made: from the first on nobody is let in without. Those that are issued for some
   * minutes close nothing, or a run of CI would.
   */
  get isEmpty(): boolean {
    return !this.#hasTokens
  }

  /** Whether somebody ever made one for bots, which is for pulls and not for everything. */
  get hasPullTokens(): boolean {
    return this.#hasPullTokens
  }

  /** How many open something. */
  get size(): number {
    return this.#byId.size
  }

  /** How many of a name were issued for some minutes only; those that ended within the last minute may still count. */
  countIssued(name: string): number {
    return this.#issued.get(name) ?? 0
  }

  /**
   * Finds a token by the SHA-256 of its text. That is looked up as it is: whoever sends a token cannot choose its hash, so how
   * long this takes tells nothing of any token.
   *
   * @param now Milliseconds since 1970.
   * @returns undefined where there is none, or where it was revoked or has expired.
   */
  find(digest: Buffer, now: number): KnownToken | undefined {
    const found = this.#byDigest.get(digest.toString('latin1'))
    const isSame = timingSafeEqual(found?.digest ?? NOBODYS, digest)
    return found !== undefined && isSame && found.expiresAt > now ? found : undefined
  }

  /**
   * Takes in what changed in the catalog since the last time. One call comes after the other: what was read first must not be taken
   * in last.
   */
  async refresh(catalog: TokenReader): Promise<void> {
    await this.#turns.run('refresh', async () => {
      const { answer, judgement } = await this.#followed.look(async () => {
        const changed = await catalog.listTokensChangedAfter(this.#revision)
        return { ...changed, lacks: changed.revision < this.#revision }
      })
      if (judgement === 'another') await this.#readAnew(catalog, answer)
      else if (answer.revision > this.#revision) this.#take(answer)
    })
  }

  /** Servers were failed over to a database that may lack the last changes: a token that is lost opens nothing, as nobody could revoke it. */
  async #readAnew(catalog: TokenReader, { database, revision }: ChangedTokens): Promise<void> {
    const all = await catalog.listTokensChangedAfter(0)
    // Yet another one answered: the next look finds out.
    if (all.database !== database || all.revision < revision) return
    for (const token of this.#byId.values()) this.#drop(token)
    this.#take(all)
    this.#followed.follow(all)
  }

  #take({ revision, tokens }: ChangedTokens): void {
    for (const record of tokens) this.#put(record)
    this.#revision = revision
    this.#onChange()
  }

  /** Has `listener` told when something was taken in; the last who asks is told. */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  save(): SavedTokens {
    const tokens = [...this.#byId.values()].map(({ id, principal, allow, digest, expiresAt }) => ({
      id,
      name: principal.name,
      subject: principal.subject ?? null,
      allow,
      digest: digest.toString('hex'),
      expiresAt: Number.isFinite(expiresAt) ? expiresAt : null,
    }))
    const [hasTokens, hasPullTokens] = [this.#hasTokens, this.#hasPullTokens]
    return { revision: this.#revision, hasTokens, hasPullTokens, tokens }
  }

  /** Takes in what was saved, in the place of a catalog that cannot be read. */
  restore({ revision, hasTokens = revision > 0, hasPullTokens, tokens }: SavedTokens): void {
    for (const token of tokens) this.#put({ ...token, revokedAt: null })
    this.#hasTokens = hasTokens
    this.#hasPullTokens = hasPullTokens
    this.#revision = revision
  }

  /** Whether one that is good for longer than some minutes names a permission, be it for one model only. */
  anyNames(permission: Permission, now: number): boolean {
    return [...this.#byId.values()].some(
      ({ principal, allow, expiresAt }) =>
        principal.subject === undefined && expiresAt > now && allow.some((grant) => names(grant, permission)),
    )
  }

  /** Whether a token was asked for since {@link takeUsed} was called last. */
  isUsed(id: number): boolean {
    return this.#byId.get(id)?.isUsed ?? false
  }

  /** The ids of those that were asked for since the last call. */
  takeUsed(): number[] {
    const used = [...this.#byId.values()].filter(({ isUsed }) => isUsed)
    for (const token of used) token.isUsed = false
    return used.map(({ id }) => id)
  }

  /**
   * Lets go of those that were issued for some minutes only, and are over: there is one for every run of CI.
   *
   * @param now Milliseconds since 1970.
   * @returns whether there were any.
   */
  dropEnded(now: number): boolean {
    const before = this.size
    for (const token of this.#byId.values()) {
      if (token.principal.subject !== undefined && token.expiresAt <= now) this.#drop(token)
    }
    return this.size < before
  }

  #put({
    id,
    name,
    subject,
    allow,
    digest,
    expiresAt,
    revokedAt,
  }: SavedToken & Pick<TokenRecord, 'revokedAt'>): void {
    const before = this.#byId.get(id)
    if (before !== undefined) this.#drop(before)
    if (subject === null) {
      this.#hasTokens = true
      if (allow.some((grant) => names(grant, 'pull'))) this.#hasPullTokens = true
    }
    if (revokedAt !== null) return
    const known: KnownToken = {
      id,
      allow,
      allows: compileGrants(allow),
      isUsed: before?.isUsed ?? false,
      principal: { name, token: name, ...(subject === null ? {} : { subject }) },
      expiresAt: expiresAt ?? Infinity,
      digest: Buffer.from(digest, 'hex'),
    }
    this.#byId.set(id, known)
    this.#byDigest.set(known.digest.toString('latin1'), known)
    this.#countIssued(known, 1)
  }

  #drop(known: KnownToken): void {
    this.#byId.delete(known.id)
    this.#byDigest.delete(known.digest.toString('latin1'))
    this.#countIssued(known, -1)
  }

  #countIssued({ principal: { name, subject } }: KnownToken, change: 1 | -1): void {
    if (subject === undefined) return
    const count = this.countIssued(name) + change
    if (count === 0) this.#issued.delete(name)
    else this.#issued.set(name, count)
  }
}

/** Whether a grant, as the catalog keeps it, names a permission. One for everything allows pulls, and nobody gives it to bots. */
export function names(grant: string, permission: Permission): boolean {
  return parseGrant(grant)?.permission === permission
}
