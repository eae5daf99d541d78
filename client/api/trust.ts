import {
  issuedTokenSchema,
  trustedPublisherSchema,
  trustedPublishersSchema,
  type IssuedToken,
  type TrustedPublisher,
  type TrustRequest,
} from '../../protocol/trusted-publisher.ts'
import type { ApiClient } from './api-client.ts'

const TRUST = 'api/v1/trust'

/** All trusted publishers, by name. */
export async function listTrustedPublishers(client: ApiClient): Promise<TrustedPublisher[]> {
  return (await client.call({ method: 'GET', path: TRUST }, trustedPublishersSchema)).items
}

/** Trusts a publisher from now on. */
export function addTrustedPublisher(client: ApiClient, publisher: TrustRequest): Promise<TrustedPublisher> {
  return client.call(
    { method: 'POST', path: TRUST, json: publisher, repeatable: false, shownBy: 'slipway trust list' },
    trustedPublisherSchema,
  )
}

/** Trusts a publisher no more; tokens that were issued to it are revoked. */
export async function removeTrustedPublisher(client: ApiClient, name: string): Promise<void> {
  const path = `${TRUST}/${encodeURIComponent(name)}`
  await client.callWithoutContent({
    method: 'DELETE',
    path,
    repeatable: false,
    shownBy: 'slipway trust list',
  })
}

/** Exchanges an identity token for a token of 15 minutes. */
export function exchangeToken(client: ApiClient, identityToken: string): Promise<IssuedToken> {
  return client.call(
    { method: 'POST', path: 'api/v1/oidc/token', json: { token: identityToken } },
    issuedTokenSchema,
  )
}
