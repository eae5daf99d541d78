import { MOST_GRANTS, parseGrant } from '../../../protocol/grant.ts'
import { nameSome } from '../../../protocol/name-some.ts'
import { shownText } from '../../../protocol/shown-text.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { DomainError } from '../../errors/errors.ts'
import { currentActor, runAs } from '../audit/actor.ts'
import { createToken, type MadeToken, type TokenDependencies } from '../create-token.ts'
import type { Principal } from '../principal.ts'
import type { Identity, IdentityVerifier } from './identity-verifier.ts'
import { mismatchOf, nearestMismatch } from './match-publisher.ts'
import type { TrustedPublisher } from './trusted-publisher.ts'

/** Long enough to send an archive of gigabytes, short enough that a stolen one is soon worth nothing. Milliseconds. */
export const ISSUED_LIFETIME = 15 * 60 * 1000

/**
 * Tokens that a publisher may have at once: one a second, and every server keeps each in memory. One identity token can be
 * exchanged as often as it is sent.
 */
export const MOST_ISSUED = 900

/** What a claim shows at most, in messages and in the list of tokens. */
const LONGEST_SHOWN = 200

export interface ExchangeDependencies {
  tokens: TokenDependencies
  identities: IdentityVerifier
}

/**
 * Exchanges an identity token of a trusted publisher for a token of ours, good for 15 minutes. Where several publishers match,
 * it allows what all of them do, is called as the one that was trusted first, names all of them, and ends with each.
 *
 * @param identityToken A JWT, as it came.
 * @throws DomainError what {@link IdentityVerifier.verify} throws; `identity-untrusted`, which names the claim that no publisher
 *   expects so; `too-many-grants` where the publishers that match allow more than a token holds; `overloaded` where the publisher
 *   has as many tokens as it may.
 */
export async function exchangeToken(
  { tokens, identities }: ExchangeDependencies,
  identityToken: string,
): Promise<MadeToken> {
  const { catalog, knownTokens } = tokens
  const issuers = new Set((await catalog.listTrustedPublishers()).map(({ issuer }) => issuer))
  const identity = await identities.verify(identityToken, issuers)
  // Once more: issuers may take seconds to answer, and whoever is trusted no more meanwhile gets nothing.
  const publishers = await catalog.listTrustedPublishers()
  const [first, ...others] = matching(publishers, identity)
  if (first === undefined) throw untrusted(publishers, identity)
  if (knownTokens.countIssued(first.name) >= MOST_ISSUED)
    throw new DomainError('overloaded', `${first.name} has ${MOST_ISSUED} tokens already; use one of them.`)
  const allow = [...new Set([first, ...others].flatMap((publisher) => publisher.allow))]
  const names = [first, ...others].map(({ name }) => name)
  if (allow.length > MOST_GRANTS) throw tooManyGrants(names, allow.length)
  const subject = shownText(identity.subject, LONGEST_SHOWN)
  const request = {
    name: first.name,
    by: first.name,
    lifetime: ISSUED_LIFETIME,
    subject,
    publishers: names,
    allow: allow.flatMap((text) => parseGrant(text) ?? []),
  }
  const confirm = async (catalog: CatalogReader): Promise<void> => {
    const now = await catalog.listTrustedPublishers()
    const trusted = matching(now, identity).map(termsOf)
    if (![first, ...others].every((publisher) => trusted.includes(termsOf(publisher))))
      throw untrusted(now, identity)
  }
  return asPublisher({ name: first.name, subject }, () => createToken(tokens, request, confirm))
}

/** The publishers that an identity is, the one that was trusted first in front. */
function matching(publishers: readonly TrustedPublisher[], identity: Identity): TrustedPublisher[] {
  return publishers
    .filter((publisher) => mismatchOf(publisher, identity) === undefined)
    .toSorted((one, other) => one.createdAt - other.createdAt)
}

/** Who it is and what it allows: one of the same name that is trusted anew may be allowed less. */
function termsOf({ name, allow }: TrustedPublisher): string {
  return [name, ...allow].join('\n')
}

/** A token with a part of them would be refused somewhere later, and nobody would see why. */
function tooManyGrants(names: readonly string[], grants: number): DomainError {
  return new DomainError(
    'too-many-grants',
    `${names.length} trusted publishers have this identity (${nameSome(names)}), and together they allow ${grants} things: a token holds ` +
      `${MOST_GRANTS}. Trust fewer of them, use * in what they allow, or have their claims say more.`,
    { limit: MOST_GRANTS },
  )
}

/** Until now whoever asks was nobody; the audit shall say from where the publisher did. */
function asPublisher<Result>(principal: Principal, work: () => Promise<Result>): Promise<Result> {
  const actor = currentActor()
  return actor === undefined ? work() : runAs({ ...actor, principal }, work)
}

/** What was expected is not told: whoever asks may be anybody. */
function untrusted(publishers: readonly TrustedPublisher[], identity: Identity): DomainError {
  const { claim, found } = nearestMismatch(publishers, identity) ?? { claim: 'iss', found: identity.issuer }
  const said = found === undefined ? 'it says nothing of it' : `it says "${shownText(found, LONGEST_SHOWN)}"`
  return new DomainError(
    'identity-untrusted',
    `The identity token is sound, but no trusted publisher expects its claim ${claim} so: ${said}. Compare it with slipway trust list.`,
    { claim },
  )
}
