import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Permission, PermissionTarget } from './permission.ts'

/** Who sent a request, as far as it can be known. */
export interface Principal {
  /** Recorded as the author of what it does. */
  name: string
}

/** The tokens that are set; what only a token that is not set would open is open to everybody who reaches the server. */
export interface AccessSettings {
  pullToken?: string | undefined
  publishToken?: string | undefined
}

/** Decides who may do what; undefined: a valid token is required and was not sent. */
export type Authorize = (
  request: IncomingMessage,
  permission: Permission,
  target: PermissionTarget,
) => Principal | 'insufficient' | undefined

const ANONYMOUS: Principal = { name: 'anonymous' }
const PULLER: Principal = { name: 'pull-token' }
const PUBLISHER: Principal = { name: 'publish-token' }

/**
 * The one check of tokens: Bearer, the password of Basic, or `?token=` on GET and HEAD, as Rasa sends it.
 *
 * The publish token opens everything. Tokens are compared in constant time by their hashes, and always both.
 */
export function createAuthorize({ pullToken, publishToken }: AccessSettings): Authorize {
  const pullHash = pullToken === undefined ? undefined : hashOf(pullToken)
  const publishHash = publishToken === undefined ? undefined : hashOf(publishToken)
  const isOpen = {
    pull: pullHash === undefined,
    manage: publishHash === undefined,
  }
  // Both tokens are good for all models.
  return (request, permission) => {
    if (isOpen.pull && isOpen.manage) return ANONYMOUS
    let mayPull = false
    let mayManage = false
    for (const sent of sentTokens(request)) {
      const hash = hashOf(sent)
      mayPull = (pullHash !== undefined && timingSafeEqual(hash, pullHash)) || mayPull
      mayManage = (publishHash !== undefined && timingSafeEqual(hash, publishHash)) || mayManage
    }
    if (mayManage) return PUBLISHER
    if (mayPull && permission === 'pull') return PULLER
    if (permission === 'pull' ? isOpen.pull : isOpen.manage) return ANONYMOUS
    return mayPull ? 'insufficient' : undefined
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

const BEARER = /^Bearer +(\S+) *$/i
const BASIC = /^Basic +([A-Za-z0-9+/_=-]+) *$/i

/** The tokens that a request carries: at most one in its header and one in its query. */
function sentTokens({ headers, method, url = '' }: IncomingMessage): string[] {
  const tokens: string[] = []
  const header = headers.authorization ?? ''
  const bearer = BEARER.exec(header)?.[1]
  if (bearer !== undefined) tokens.push(bearer)
  const basic = BASIC.exec(header)?.[1]
  if (basic !== undefined) {
    const pair = Buffer.from(basic, 'base64').toString()
    tokens.push(pair.slice(pair.indexOf(':') + 1))
  }
  const query = url.indexOf('?')
  if (query !== -1 && (method === 'GET' || method === 'HEAD')) {
    const token = new URLSearchParams(url.slice(query + 1)).get('token')
    if (token !== null) tokens.push(token)
  }
  return tokens
}
