import { formatGrant, type Grant } from '../../protocol/grant.ts'
import type { Catalog, CatalogReader } from '../catalog/catalog.ts'
import type { Clock } from '../time/clock.ts'
import type { KnownTokens } from './known-tokens.ts'
import { digestOfToken, drawToken, type RandomBytes } from './draw-token.ts'
import type { NewToken, TokenRecord } from './token.ts'

export interface TokenDependencies {
  readonly catalog: Catalog
  readonly clock: Clock
  /** What polls are checked against; a change is in it when it was made. */
  readonly knownTokens: KnownTokens
  readonly random: RandomBytes
}

/** A token that was just made. */
export interface MadeToken {
  readonly token: TokenRecord
  /** The token itself, which nobody can be told again. */
  readonly secret: string
}

/** What a new token shall be. */
export interface TokenRequest {
  readonly name: string
  readonly allow: readonly Grant[]
  /** Milliseconds for which it is good; null: until it is revoked. */
  readonly lifetime: number | null
  readonly by: string
  /** Whom another system says it is for: such tokens may share a name, and are forgotten some time after they ended. */
  readonly subject?: string
  /** The trusted publishers that it is issued for. */
  readonly publishers?: readonly string[]
}

/**
 * Makes a token. It opens what it shall when this resolves.
 *
 * @param confirm Asked while no other token is made or changed; what it throws has none be made.
 * @throws DomainError `token-exists`
 */
export async function createToken(
  { catalog, clock, knownTokens, random }: TokenDependencies,
  { name, allow, lifetime, by, subject, publishers = [] }: TokenRequest,
  confirm: (catalog: CatalogReader) => Promise<void> = () => Promise.resolve(),
): Promise<MadeToken> {
  const secret = drawToken(random)
  const now = clock.now()
  const made: NewToken = {
    name,
    digest: digestOfToken(secret),
    allow: allow.map(formatGrant),
    subject: subject ?? null,
    publishers,
    createdAt: now,
    createdBy: by,
    expiresAt: lifetime === null ? null : now + lifetime,
  }
  const token = await catalog.writeShared(async (writer) => {
    const token = await writer.insertToken(made)
    await confirm(writer)
    return token
  })
  await knownTokens.refresh(catalog)
  return { token, secret }
}
