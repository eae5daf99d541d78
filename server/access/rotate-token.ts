import { DomainError } from '../errors/errors.ts'
import type { MadeToken, TokenDependencies } from './create-token.ts'
import { digestOfToken, drawToken } from './draw-token.ts'
import { tokenState, type TokenRecord } from './token.ts'

/** Which token shall get a successor. */
export interface TokenRotation {
  readonly name: string
  /** Milliseconds for which the token before stays good beside its successor, as far as it was; 0: not at all. */
  readonly overlap: number
  /** Milliseconds for which the successor is good; null: until it is revoked; undefined: for as long as the one before was. */
  readonly lifetime?: number | null | undefined
  readonly by: string
}

/**
 * Makes a successor of a token, with the same name and the same permissions: bots and logs tell no difference. One that has
 * expired may have one, too.
 *
 * @throws DomainError `token-not-found` where no token has the name, or all that had it were revoked.
 */
export async function rotateToken(
  { catalog, clock, knownTokens, random }: TokenDependencies,
  { name, overlap, lifetime, by }: TokenRotation,
): Promise<MadeToken> {
  const secret = drawToken(random)
  const now = clock.now()
  const token = await catalog.writeShared(async (writer) => {
    const before = (await writer.findTokens(name)).find((found) => isInForce(found))
    if (before === undefined) throw tokenNotFound(name)
    const { allow } = before
    const end = now + overlap
    // First, so that nothing else happens to it meanwhile.
    await writer.changeToken(before.id, { expiresAt: Math.min(before.expiresAt ?? Infinity, end) })
    // Whoever revoked it while that waited has come first.
    if ((await writer.findToken(before.id))?.revokedAt !== null) throw tokenNotFound(name)
    const expiresAt = expiryOf(lifetime === undefined ? lifetimeOf(before) : lifetime, now)
    const made = { name, digest: digestOfToken(secret), allow, subject: null, publishers: [] }
    return writer.insertToken({ ...made, createdAt: now, createdBy: by, expiresAt }, before.id)
  })
  await knownTokens.refresh(catalog)
  return { token, secret }
}

/** @throws DomainError `token-not-found` */
export function tokenNotFound(name: string): DomainError {
  return new DomainError(
    'token-not-found',
    `No token is named "${name}" that was not revoked; slipway token list shows all.`,
    { name },
  )
}

/** Whether it is the one that has the name now, be it expired or not. */
function isInForce(token: TokenRecord): boolean {
  const state = tokenState({ ...token, expiresAt: null }, 0)
  return state === 'active' && token.subject === null
}

function lifetimeOf({ createdAt, expiresAt }: TokenRecord): number | null {
  return expiresAt === null ? null : expiresAt - createdAt
}

function expiryOf(lifetime: number | null, now: number): number | null {
  return lifetime === null ? null : now + lifetime
}
