import { DomainError } from '../../errors/errors.ts'
import type { TokenDependencies } from '../create-token.ts'

/**
 * Trusts a publisher no more, and revokes the tokens that were issued to it.
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
    const issued = (await writer.findTokens(name)).filter(
      ({ subject, revokedAt, expiresAt }) =>
        subject !== null && revokedAt === null && (expiresAt ?? Infinity) > now,
    )
    for (const { id } of issued) await writer.changeToken(id, { revokedAt: now, revokedBy: by })
  })
  await knownTokens.refresh(catalog)
}
