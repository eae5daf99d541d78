import { DomainError } from '../../errors/errors.ts'
import type { TokenDependencies } from '../create-token.ts'
import { faultOfTrust } from './trust-fault.ts'
import type { TrustedPublisher } from './trusted-publisher.ts'

/** All of them are looked at in each exchange. */
const MOST_PUBLISHERS = 200

/**
 * Trusts a publisher from now on.
 *
 * @throws DomainError `trust-invalid` where that would trust more than anybody can mean, `trust-exists`,
 *   `too-many-trusted-publishers`
 */
export async function addTrustedPublisher(
  { catalog, clock }: Pick<TokenDependencies, 'catalog' | 'clock'>,
  requested: Omit<TrustedPublisher, 'createdAt'>,
): Promise<TrustedPublisher> {
  const fault = faultOfTrust(requested)
  if (fault !== undefined) throw new DomainError('trust-invalid', `${fault}.`)
  const publisher = { ...requested, createdAt: clock.now() }
  await catalog.writeShared(async (writer) => {
    if ((await writer.listTrustedPublishers()).length >= MOST_PUBLISHERS) {
      throw new DomainError(
        'too-many-trusted-publishers',
        `There are ${MOST_PUBLISHERS} trusted publishers already; remove one that nobody needs.`,
      )
    }
    await writer.insertTrustedPublisher(publisher)
  })
  return publisher
}
