import {
  trustedPublisherSchema,
  trustedPublishersSchema,
  trustRequestSchema,
  type TrustedPublisher as WirePublisher,
} from '../../../protocol/trusted-publisher.ts'
import { addTrustedPublisher } from '../../access/oidc/add-trusted-publisher.ts'
import { removeTrustedPublisher } from '../../access/oidc/remove-trusted-publisher.ts'
import type { TrustedPublisher } from '../../access/oidc/trusted-publisher.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import type { TokenRouteDependencies } from './tokens.ts'

const TRUST = '/api/v1/trust'

/** `/api/v1/trust` and below. */
export function trustEndpoints({
  tokens,
  closing,
}: Pick<TokenRouteDependencies, 'tokens' | 'closing'>): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: TRUST,
      id: 'listTrustedPublishers',
      permission: 'admin',
      summary: 'List the trusted publishers',
      replies: { 200: { description: 'All of them, by name.', schema: trustedPublishersSchema } },
      problems: [],
      handle: async () => {
        const publishers = await tokens.catalog.listTrustedPublishers()
        return { status: 200, body: { items: publishers.map(present), next: null } }
      },
    }),
    endpoint({
      method: 'POST',
      path: TRUST,
      id: 'addTrustedPublisher',
      permission: 'admin',
      summary: 'Trust a publisher',
      description:
        'From then on identity tokens of that issuer and audience, whose claims are all as said, are exchanged at `/api/v1/oidc/token`. ' +
        'Of GitHub name `repository_id` or `repository_owner_id`, of GitLab `project_id` or `namespace_id`: names may be taken by others.',
      body: trustRequestSchema,
      replies: { 201: { description: 'It is trusted.', schema: trustedPublisherSchema } },
      problems: ['trust-invalid', 'trust-exists', 'too-many-trusted-publishers'],
      handle: async ({ body, principal }) => ({
        status: 201,
        body: present(await addTrustedPublisher(tokens, { ...body, createdBy: principal.name })),
        facts: { outcome: 'trusted', publisher: body.name },
      }),
    }),
    endpoint({
      method: 'DELETE',
      path: `${TRUST}/{publisher}`,
      id: 'removeTrustedPublisher',
      permission: 'admin',
      summary: 'Trust a publisher no more',
      description: 'Tokens that were issued to it are revoked.',
      replies: { 204: { description: 'It is trusted no more.' } },
      problems: ['invalid-name', 'trust-not-found'],
      handle: async ({ params: { publisher: name }, principal }) => {
        await removeTrustedPublisher(closing, name, principal.name)
        return { status: 204, facts: { outcome: 'distrusted', publisher: name } }
      },
    }),
  ]
}

function present({ createdAt, allow, claims, ...publisher }: TrustedPublisher): WirePublisher {
  return {
    ...publisher,
    claims: { ...claims },
    allow: [...allow],
    createdAt: new Date(createdAt).toISOString(),
  }
}
