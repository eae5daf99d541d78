import { DomainError } from '../../errors/errors.ts'
import type { TokenDependencies } from '../create-token.ts'

/**
 * Trusts a publisher no more, and revokes the tokens that were issued to it. An identity that several publishers match gets what
 * all of them allow, in one token that is called after the first: those go, too. A token that another publisher got alone, and that
 * allows the same, goes with them: it was good for some minutes, and is got anew.
 *
 * @throws DomainError `trust-not-found`
 */
export async function removeTrustedPublisher(
  { catalog, clock, knownTokens }: Omit<TokenDependencies, 'random'>,
  name: string,
  by: string,
): Promise<void> {
  const now = clock.now()
  const publisher = (await catalog.listTrustedPublishers()).find((each) => each.name === name)
  await catalog.writeShared(async (writer) => {
    if (!(await writer.deleteTrustedPublisher(name)))
      throw new DomainError('trust-not-found', `There is no trusted publisher named "${name}".`, { name })
    const issued = (await writer.findTokens(name)).filter(
      ({ subject, revokedAt, expiresAt }) =>
        subject !== null && revokedAt === null && (expiresAt ?? Infinity) > now,
    )
    for (const { id } of issued) await writer.changeToken(id, { revokedAt: now, revokedBy: by })
  })
  await knownTokens.refresh(catalog)
  const shared = publisher === undefined ? [] : knownTokens.issuedWith(publisher.allow)
  if (shared.length === 0) return
  await catalog.writeShared(async (writer) => {
    for (const id of shared) await writer.changeToken(id, { revokedAt: now, revokedBy: by })
  })
  await knownTokens.refresh(catalog)
}
