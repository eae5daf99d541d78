import { hash, timingSafeEqual } from 'node:crypto'
import type { Permission } from '../../../protocol/grant.ts'
import { compileGrants, type Allows } from '../../access/grants.ts'
import type { KnownTokens } from '../../access/known-tokens.ts'
import type { OpenAccess } from '../../access/open-access.ts'
import type { PermissionTarget } from '../../access/permission-target.ts'
import { ANONYMOUS, type Principal } from '../../access/principal.ts'
import type { Clock } from '../../time/clock.ts'

/** What tokens are compared with. */
export interface AuthorizeDependencies {
  /** From the settings: opens pulls. */
  pullToken: string | undefined
  /** From the settings: opens everything. */
  publishToken: string | undefined
  /** Those of the catalog. */
  knownTokens: KnownTokens
  open: OpenAccess
  clock: Clock
}

/** What the tokens of a request allow. */
export type Access = (
  | { kind: 'granted'; principal: Principal }
  /** A token is right, and does not allow this. */
  | { kind: 'insufficient'; principal: Principal; allow: readonly string[] }
  /** A valid token is required and was not sent. */
  | { kind: 'unknown' }
) & {
  /** Those tokens that are right; undefined where none was looked at. */
  known?: readonly string[]
}

/** Decides who may do what. It waits for nothing: every poll asks it. */
export type Authorize = (
  tokens: readonly string[],
  permission: Permission,
  target: PermissionTarget,
) => Access

/** A token that is right. */
interface RightToken {
  readonly principal: Principal
  readonly allow: readonly string[]
  readonly allows: Allows
}

const GRANTED_TO_ALL: Access = { kind: 'granted', principal: ANONYMOUS }

/**
 * The one check of tokens: those of the settings, and those of the catalog. A token is hashed once, and its hash compared in
 * constant time.
 */
export function createAuthorize({
  pullToken,
  publishToken,
  knownTokens,
  open,
  clock,
}: AuthorizeDependencies): Authorize {
  const ofSettings = [
    tokenOfSettings(publishToken, 'publish-token', ['admin']),
    tokenOfSettings(pullToken, 'pull-token', ['pull']),
  ].filter((token) => token !== undefined)

  function find(text: string): RightToken | undefined {
    const digest = hash('sha256', text, 'buffer')
    let right: RightToken | undefined
    for (const token of ofSettings) {
      if (timingSafeEqual(token.digest, digest)) right ??= token
    }
    if (right !== undefined || knownTokens.size === 0) return right
    const known = knownTokens.find(digest, clock.now())
    if (known !== undefined) known.isUsed = true
    return known
  }

  return (tokens, permission, target) => {
    if (open.pulls && open.changes) return GRANTED_TO_ALL
    let granted: RightToken | undefined
    let lacking: RightToken | undefined
    const known: string[] = []
    for (const text of tokens) {
      const right = find(text)
      if (right === undefined) continue
      known.push(text)
      if (right.allows(permission, target)) granted ??= right
      else lacking ??= right
    }
    if (granted !== undefined) return { kind: 'granted', principal: granted.principal, known }
    const isOpen = permission === 'pull' ? open.pulls : open.changes
    if (lacking === undefined) return isOpen ? GRANTED_TO_ALL : { kind: 'unknown', known }
    const { principal, allow } = lacking
    return isOpen ? { kind: 'granted', principal, known } : { kind: 'insufficient', principal, allow, known }
  }
}

function tokenOfSettings(
  text: string | undefined,
  name: string,
  allow: readonly string[],
): (RightToken & { digest: Buffer }) | undefined {
  if (text === undefined) return undefined
  return {
    principal: { name },
    allow,
    allows: compileGrants(allow),
    digest: hash('sha256', text, 'buffer'),
  }
}
