import { createHash, timingSafeEqual } from 'node:crypto'
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

/** What the tokens of a request allow. */
export type Access = (
  | { kind: 'granted'; principal: Principal }
  /** A token is right, and does not allow this. */
  | { kind: 'insufficient' }
  /** A valid token is required and was not sent. */
  | { kind: 'unknown' }
) & {
  /** Those tokens that are right; undefined where none was looked at. */
  known?: readonly string[]
}

/** Decides who may do what. */
export type Authorize = (
  tokens: readonly string[],
  permission: Permission,
  target: PermissionTarget,
) => Access

const ANONYMOUS: Access = { kind: 'granted', principal: { name: 'anonymous' } }
const PULLER: Principal = { name: 'pull-token' }
const PUBLISHER: Principal = { name: 'publish-token' }

/**
 * The one check of tokens. The publish token opens everything. Tokens are compared in constant time by their hashes,
 * and always both.
 */
export function createAuthorize({ pullToken, publishToken }: AccessSettings): Authorize {
  const pullHash = pullToken === undefined ? undefined : hashOf(pullToken)
  const publishHash = publishToken === undefined ? undefined : hashOf(publishToken)
  const isOpen = {
    pull: pullHash === undefined,
    manage: publishHash === undefined,
  }
  // Both tokens are good for all models.
  return (tokens, permission) => {
    if (isOpen.pull && isOpen.manage) return ANONYMOUS
    const compared = tokens.map((token) => {
      const hash = hashOf(token)
      const opensPulls = pullHash !== undefined && timingSafeEqual(hash, pullHash)
      const opensAll = publishHash !== undefined && timingSafeEqual(hash, publishHash)
      return { token, opensPulls, opensAll }
    })
    const mayPull = compared.some(({ opensPulls }) => opensPulls)
    const mayManage = compared.some(({ opensAll }) => opensAll)
    const known = compared
      .filter(({ opensPulls, opensAll }) => opensPulls || opensAll)
      .map(({ token }) => token)
    if (mayManage) return { kind: 'granted', principal: PUBLISHER, known }
    if (mayPull && permission === 'pull') return { kind: 'granted', principal: PULLER, known }
    if (permission === 'pull' ? isOpen.pull : isOpen.manage) return ANONYMOUS
    return { kind: mayPull ? 'insufficient' : 'unknown', known }
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
