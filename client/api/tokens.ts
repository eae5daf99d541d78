import { pageSchema } from '../../protocol/page.ts'
import { madeTokenSchema, tokenSchema, type MadeToken, type Token } from '../../protocol/token.ts'
import type { ApiClient } from './api-client.ts'
import { listAll } from './list-all.ts'

const tokenPage = pageSchema('TokenPage', tokenSchema)

/** All tokens, the last made first. */
export function listTokens(client: ApiClient): Promise<Token[]> {
  return listAll(client, 'api/v1/tokens', tokenPage)
}

/** Makes a token. @param expiresIn Seconds; null: it never expires. */
export function createToken(
  client: ApiClient,
  request: { name: string; allow: readonly string[]; expiresIn: number | null },
): Promise<MadeToken> {
  // Not again by itself: a token whose answer was lost exists, and nobody has its secret.
  return client.call(
    { method: 'POST', path: 'api/v1/tokens', json: request, repeatable: false },
    madeTokenSchema,
  )
}

/** Replaces a token. @param rotation In seconds; what is left out is as the server has it. */
export function rotateToken(
  client: ApiClient,
  name: string,
  rotation: { overlap?: number | undefined; expiresIn?: number | null | undefined },
): Promise<MadeToken> {
  const path = `api/v1/tokens/${encodeURIComponent(name)}/rotate`
  return client.call({ method: 'POST', path, json: rotation, repeatable: false }, madeTokenSchema)
}

/** Revokes every token of a name. */
export async function revokeToken(client: ApiClient, name: string): Promise<void> {
  const path = `api/v1/tokens/${encodeURIComponent(name)}`
  await client.fetch({ method: 'DELETE', path }, (reply) => reply.cancel())
}
