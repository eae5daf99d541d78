import { z } from 'zod'
import { pageSchema } from '../../protocol/page.ts'
import { madeTokenSchema, tokenSchema, type MadeToken, type Token } from '../../protocol/token.ts'
import type { ApiClient } from './api-client.ts'
import { listAll } from './list-all.ts'

/** A server after this one may warn of more. */
const knownRevocation = z.object({ warnings: z.array(z.object({ message: z.string() })) })

const tokenPage = pageSchema('TokenPage', tokenSchema)

/** All tokens, the last made first. */
export function listTokens(client: ApiClient): Promise<Token[]> {
  return listAll(client, 'api/v1/tokens', tokenPage)
}

/** Makes a token. @param expiresIn Seconds; null: it never expires. */
export function createToken(
  client: ApiClient,
  request: { name: string; allow: readonly string[]; expiresIn: number | null; closesPulls?: true },
): Promise<MadeToken> {
  // Not again by itself: a token whose answer was lost exists, and nobody has its secret.
  return client.call(
    {
      method: 'POST',
      path: 'api/v1/tokens',
      json: request,
      repeatable: false,
      shownBy: 'slipway token list',
    },
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
  return client.call(
    { method: 'POST', path, json: rotation, repeatable: false, shownBy: 'slipway token list' },
    madeTokenSchema,
  )
}

/** Revokes every token of a name. @returns what that took with it, in sentences. */
export async function revokeToken(client: ApiClient, name: string): Promise<string[]> {
  const path = `api/v1/tokens/${encodeURIComponent(name)}`
  const call = { method: 'DELETE', path, shownBy: 'slipway token list' } as const
  const { warnings = [] } = (await client.callOptional(call, knownRevocation)) ?? {}
  return warnings.map(({ message }) => message)
}
