import { z } from 'zod'
import { parseGrant } from '../../../protocol/grant.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import {
  madeTokenSchema,
  revocationSchema,
  tokenRequestSchema,
  tokenRotationSchema,
  tokenSchema,
  type Token,
} from '../../../protocol/token.ts'
import { createToken, type MadeToken, type TokenDependencies } from '../../access/create-token.ts'
import { refuseUnforeseen, type BotsWithoutToken } from '../../access/first-token.ts'
import { findLostAccess } from '../../access/lost-access.ts'
import type { OpenAccess } from '../../access/open-access.ts'
import { revokeToken } from '../../access/revoke-token.ts'
import { rotateToken } from '../../access/rotate-token.ts'
import { tokenState, type TokenRecord } from '../../access/token.ts'
import { instantAt, instantAtOrNull } from '../../time/clock.ts'
import { endpoint, type Endpoint, type Reply } from './endpoint.ts'
import { replyWithPage } from './page.ts'

const TOKENS = '/api/v1/tokens'

export interface TokenRouteDependencies {
  tokens: TokenDependencies
  /** The same for what ends tokens: a full disk must not keep a stolen one open. */
  closing: TokenDependencies
  open: OpenAccess
  findBotsWithoutToken: () => BotsWithoutToken
}

/** `/api/v1/tokens` and below. */
export function tokenEndpoints(dependencies: TokenRouteDependencies): Endpoint[] {
  return [
    listEndpoint(dependencies),
    createEndpoint(dependencies),
    rotateEndpoint(dependencies),
    revokeEndpoint(dependencies),
  ]
}

function listEndpoint({ tokens }: TokenRouteDependencies): Endpoint {
  return endpoint({
    method: 'GET',
    path: TOKENS,
    id: 'listTokens',
    permission: 'admin',
    summary: 'List the tokens',
    description:
      'Also those that were replaced, have expired or were revoked. Their secrets are kept nowhere.',
    query: pageQuerySchema,
    replies: {
      200: {
        description: 'One page of tokens, the last made first.',
        schema: pageSchema('TokenPage', tokenSchema),
        headers: ['Link'],
      },
    },
    problems: ['invalid-parameter'],
    handle: ({ query }) =>
      replyWithPage(
        TOKENS,
        query,
        z.int(),
        (page) => tokens.catalog.listTokens(page),
        ({ id }) => id,
        (token) => presentToken(withLastUse(token, tokens), tokens.clock.now()),
      ),
  })
}

function createEndpoint(dependencies: TokenRouteDependencies): Endpoint {
  return endpoint({
    method: 'POST',
    path: TOKENS,
    id: 'createToken',
    permission: 'admin',
    summary: 'Make a token',
    body: tokenRequestSchema,
    replies: { 201: { description: 'The token, with its secret.', schema: madeTokenSchema } },
    problems: ['token-exists', 'first-token-not-admin', 'pulls-would-close'],
    handle: async ({ body: { name, allow, expiresIn = null, closesPulls }, principal }) => {
      const grants = allow.flatMap((text) => parseGrant(text) ?? [])
      refuseUnforeseen(dependencies, { allow: grants, closesPulls })
      const lifetime = inMilliseconds(expiresIn)
      const request = { name, allow: grants, lifetime, by: principal.name }
      return replyWithSecret(201, await createToken(dependencies.tokens, request))
    },
  })
}

function rotateEndpoint({ tokens }: TokenRouteDependencies): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${TOKENS}/{token}/rotate`,
    id: 'rotateToken',
    permission: 'admin',
    summary: 'Replace a token by one of the same name that allows the same',
    body: tokenRotationSchema,
    bodyOptional: true,
    replies: { 200: { description: 'The new token, with its secret.', schema: madeTokenSchema } },
    problems: ['invalid-name', 'token-not-found'],
    handle: async ({ params: { token: name }, body: { overlap, expiresIn }, principal }) => {
      const lifetime = expiresIn === undefined ? undefined : inMilliseconds(expiresIn)
      const rotation = { name, overlap: overlap * 1000, lifetime, by: principal.name }
      return replyWithSecret(200, await rotateToken(tokens, rotation))
    },
  })
}

function revokeEndpoint({ tokens, closing, open }: TokenRouteDependencies): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: `${TOKENS}/{token}`,
    id: 'revokeToken',
    permission: 'admin',
    summary: 'Revoke every token of a name',
    description:
      'They open nothing any more: on this server at once, on others within 5 s. A transfer that has begun goes on.',
    replies: {
      200: {
        description: 'They open nothing any more, and were the last of their kind.',
        schema: revocationSchema,
      },
      204: { description: 'They open nothing any more.' },
    },
    problems: ['invalid-name', 'token-not-found'],
    handle: async ({ params: { token: name }, principal }) => {
      const revoked = await revokeToken(closing, { name, by: principal.name })
      const warnings = findLostAccess(revoked, tokens.knownTokens, open, tokens.clock.now())
      const facts = { outcome: 'revoked', token: name } as const
      return warnings.length === 0 ? { status: 204, facts } : { status: 200, body: { warnings }, facts }
    },
  })
}

/** No cache may keep it, not even the client's own. */
function replyWithSecret(status: 200 | 201, { token, secret }: MadeToken): Reply {
  return {
    status,
    body: { ...presentToken(token, token.createdAt), secret },
    headers: { 'Cache-Control': 'no-store' },
    facts: { outcome: 'created', token: token.name },
  }
}

function presentToken(record: TokenRecord, now: number): Token {
  const { id, name, allow, subject, publishers, createdBy, revokedBy, successor } = record
  return {
    id,
    name,
    state: tokenState(record, now),
    allow: [...allow],
    subject,
    publishers: [...publishers],
    createdAt: instantAt(record.createdAt),
    createdBy,
    expiresAt: instantAtOrNull(record.expiresAt),
    revokedAt: instantAtOrNull(record.revokedAt),
    revokedBy,
    successor,
    lastUsedAt: instantAtOrNull(record.lastUsedAt),
  }
}

/** What was used within the last minute is not in the catalog yet: a token that was just tried must not look as if it never was. */
function withLastUse(record: TokenRecord, { knownTokens, clock }: TokenDependencies): TokenRecord {
  return knownTokens.isUsed(record.id) ? { ...record, lastUsedAt: clock.now() } : record
}

function inMilliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000
}
