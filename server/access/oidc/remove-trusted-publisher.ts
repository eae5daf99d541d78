import type { CatalogReader } from '../../catalog/catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import type { TokenDependencies } from '../create-token.ts'
import type { TokenRecord } from '../token.ts'

/**
 * Trusts a publisher no more, and revokes the tokens that were issued for it, be it among others: what those allow is got anew.
 *
 * @throws DomainError `trust-not-found`
 */
export async function removeTrustedPublisher(
  { catalog, clock, knownTokens }: Omit<TokenDependencies, 'random'>,
  name: string,
  by: string,
): Promise<void> {
  const now = clock.now()
  await catalog.writeShared(async (writer) => {
    if (!(await writer.deleteTrustedPublisher(name)))
      throw new DomainError('trust-not-found', `There is no trusted publisher named "${name}".`, { name })
    // Whoever is just given one comes before this, and loses it, or after it, and is given none.
    await writer.holdTokens()
    const issued = (await listIssued(writer, name)).filter(({ expiresAt }) => (expiresAt ?? Infinity) > now)
    for (const { id } of issued) await writer.changeToken(id, { revokedAt: now, revokedBy: by })
  })
  await knownTokens.refresh(catalog)
}

/** Also those of a server of an earlier version, which say for whom they are by their name alone. */
async function listIssued(catalog: CatalogReader, name: string): Promise<TokenRecord[]> {
  const called = (await catalog.findTokens(name)).filter(
    ({ subject, publishers, revokedAt }) => subject !== null && publishers.length === 0 && revokedAt === null,
  )
  return [...(await catalog.listTokensIssuedFor(name)), ...called]
}
