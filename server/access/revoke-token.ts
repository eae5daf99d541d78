import { tokenNotFound } from './rotate-token.ts'
import { tokenState, type TokenRecord } from './token.ts'
import type { TokenDependencies } from './create-token.ts'

/** Which tokens shall open nothing any more. */
export interface TokenRevocation {
  readonly name: string
  readonly by: string
}

/**
 * Revokes all tokens of a name: the one in force, the one before it in a rotation, and those that were issued under it. They open
 * nothing on this server when this resolves, and on others within 5 s.
 *
 * @returns those that opened something until then, the last made first.
 * @throws DomainError `token-not-found` where no token has the name, or all that had it were revoked.
 */
export async function revokeToken(
  { catalog, clock, knownTokens }: Omit<TokenDependencies, 'random'>,
  { name, by }: TokenRevocation,
): Promise<TokenRecord[]> {
  const now = clock.now()
  const revoked = await catalog.writeShared(async (writer) => {
    const revoked: TokenRecord[] = []
    for (;;) {
      const found = (await writer.findTokens(name)).filter(({ revokedAt }) => revokedAt === null)
      if (found.length === 0) break
      // The first change waits for whoever makes a token of that name at the same time: then it is looked for once more.
      for (const { id } of found) await writer.changeToken(id, { revokedAt: now, revokedBy: by })
      revoked.unshift(...found)
    }
    if (revoked.length === 0) throw tokenNotFound(name)
    return revoked
  })
  await knownTokens.refresh(catalog)
  return revoked.filter((token) => tokenState(token, now) !== 'expired')
}
