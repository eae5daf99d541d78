import type { NewToken, TokenRecord } from '../access/token.ts'
import type { Answer } from './answer.ts'
import type { PageOf } from './page-of.ts'

/** Questions about tokens. */
export interface TokenReader {
  /** Those that changed after a revision; cheap enough to be asked each second. */
  listTokensChangedAfter(revision: number): Promise<ChangedTokens>
  /** The last made first; the position of a token is its id. */
  listTokens(page: PageOf<number>): Promise<TokenRecord[]>
  findToken(id: number): Promise<TokenRecord | undefined>
  /** All that have or had a name, the last made first. */
  findTokens(name: string): Promise<TokenRecord[]>
  /** Those that were issued for a trusted publisher, be it among others, and not revoked; the last made first. */
  listTokensIssuedFor(publisher: string): Promise<TokenRecord[]>
}

/** Tokens that changed. */
export interface ChangedTokens extends Answer {
  /** The number of the last change of tokens. It grows with every one, but for when they were last used; 0: there never was one. */
  readonly revision: number
  /** In the order of their changes. */
  readonly tokens: readonly TokenRecord[]
}

/** Changes of tokens; they happen one after the other, whoever makes them. */
export interface TokenWriter {
  /**
   * Keeps a new token.
   *
   * @param replaces The token whose successor it is.
   * @throws DomainError `token-exists` where another one without a subject has the name, and was neither revoked nor
   *   replaced.
   */
  insertToken(token: NewToken, replaces?: number): Promise<TokenRecord>
  /** Has every other change of tokens wait until the end of this one: what is read then stays so. */
  holdTokens(): Promise<void>
  /** Changes what may change of a token. */
  changeToken(id: number, changes: TokenChanges): Promise<void>
  /** Notes when tokens were last used, in milliseconds since 1970; raises no revision. */
  noteTokensUsed(ids: readonly number[], at: number): Promise<void>
  /**
   * Drops tokens with a subject that opened nothing any more then: there is one for every run of CI.
   *
   * @param before Milliseconds since 1970.
   */
  forgetIssuedTokens(before: number): Promise<void>
}

/** What may change of a token; what is missing stays. */
export type TokenChanges = Partial<Pick<TokenRecord, 'expiresAt' | 'revokedAt' | 'revokedBy'>>
