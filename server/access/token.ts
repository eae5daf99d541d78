/** A token as the catalog keeps it: what it opens, and never the token itself. Moments are milliseconds since 1970. */
export interface TokenRecord {
  /** Grows with every token. */
  readonly id: number
  /** What people call it, and what stands as author with all it does. Those that follow each other in a rotation share it. */
  readonly name: string
  /** SHA-256 of the token, in lower-case hex. */
  readonly digest: string
  /** Grants, as `parseGrant` reads them. */
  readonly allow: readonly string[]
  /** Whom it was issued to, where another system vouches for that; null: whoever was given it. */
  readonly subject: string | null
  /** The trusted publishers that it was issued for, all of which allow a part of what it does; none: somebody made it. */
  readonly publishers: readonly string[]
  readonly createdAt: number
  readonly createdBy: string
  /** From when on it opens nothing; null: never. */
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly revokedBy: string | null
  /** The id of the token that takes its place; null: none. */
  readonly successor: number | null
  /** When it was last seen, roughly: to the minute; null: never. */
  readonly lastUsedAt: number | null
}

/** A token that is about to be kept. */
export type NewToken = Pick<
  TokenRecord,
  'name' | 'digest' | 'allow' | 'subject' | 'publishers' | 'createdAt' | 'createdBy' | 'expiresAt'
>

/** Whether a token opens anything: `replaced` still does, until its overlap ends. */
export type TokenState = 'active' | 'replaced' | 'expired' | 'revoked'

/** How a token stands at a moment. @param now Milliseconds since 1970. */
export function tokenState(
  { expiresAt, revokedAt, successor }: Pick<TokenRecord, 'expiresAt' | 'revokedAt' | 'successor'>,
  now: number,
): TokenState {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt !== null && expiresAt <= now) return 'expired'
  return successor === null ? 'active' : 'replaced'
}
