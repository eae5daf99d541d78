import { exchangeRequestSchema, issuedTokenSchema } from '../../../protocol/trusted-publisher.ts'
import { exchangeToken, type ExchangeDependencies } from '../../access/oidc/exchange-token.ts'
import { instantAt } from '../../time/clock.ts'
import { RequestError } from '../reply/request-error.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** Whoever floods this must not have all others wait for signatures to be checked. */
const MOST_AT_ONCE = 32

/** `/api/v1/oidc/token`. */
export function exchangeEndpoint(dependencies: ExchangeDependencies): Endpoint {
  let underWay = 0
  return endpoint({
    method: 'POST',
    path: '/api/v1/oidc/token',
    id: 'exchangeToken',
    permission: 'open',
    summary: 'Exchange an identity token for a token',
    description:
      'For CI without secrets: a JWT that a trusted issuer gave a job (OpenID Connect) becomes a token of 15 minutes, which allows what the ' +
      'trusted publisher does. A refusal names the claim that is not as expected.',
    body: exchangeRequestSchema,
    replies: { 200: { description: 'The token.', schema: issuedTokenSchema } },
    problems: [
      'identity-invalid',
      'identity-untrusted',
      'issuer-unavailable',
      'too-many-grants',
      'overloaded',
    ],
    handle: async ({ body: { token: identityToken } }) => {
      if (underWay >= MOST_AT_ONCE)
        throw new RequestError('overloaded', `${MOST_AT_ONCE} exchanges are under way; try again soon.`)
      underWay++
      try {
        const { token, secret } = await exchangeToken(dependencies, identityToken)
        const { name, publishers, subject, allow, expiresAt } = token
        return {
          status: 200,
          body: { token: secret, name, publishers, subject, allow, expiresAt: instantAt(expiresAt ?? 0) },
          headers: { 'Cache-Control': 'no-store' },
          facts: { outcome: 'exchanged', token: name, subject: subject ?? undefined },
        }
      } finally {
        underWay--
      }
    },
  })
}
