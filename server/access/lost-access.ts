import type { Permission } from '../../protocol/grant.ts'
import { names, type KnownTokens } from './known-tokens.ts'
import type { OpenAccess } from './open-access.ts'
import type { TokenRecord } from './token.ts'

/** What nobody can do any more after tokens were revoked. */
export interface LostAccess {
  readonly code: 'no-admin-left' | 'pulls-stay-closed'
  readonly message: string
}

/**
 * Says what the last token took with it. Nothing opens again by itself: what was closed once stays so, or revoking a stolen
 * token would let everybody in.
 *
 * @param revoked Those that opened something until now.
 * @param now Milliseconds since 1970.
 */
export function findLostAccess(
  revoked: readonly TokenRecord[],
  knownTokens: Pick<KnownTokens, 'anyNames'>,
  open: OpenAccess,
  now: number,
): LostAccess[] {
  const isLast = (permission: Permission, isSet: boolean): boolean =>
    !isSet &&
    revoked.some(({ allow }) => allow.some((grant) => names(grant, permission))) &&
    !knownTokens.anyNames(permission, now)
  return [
    ...(isLast('admin', open.settings.admin) ? [NO_ADMIN_LEFT] : []),
    ...(!open.pulls && isLast('pull', open.settings.pull) ? [PULLS_STAY_CLOSED] : []),
  ]
}

const NO_ADMIN_LEFT: LostAccess = {
  code: 'no-admin-left',
  message:
    'No token that allows admin is left: nobody can make or revoke tokens over the network. Stop the server, run slipway token ' +
    'create NAME --admin beside its data directory (with DATABASE_URL set, it may go on running), and start it.',
}

const PULLS_STAY_CLOSED: LostAccess = {
  code: 'pulls-stay-closed',
  message:
    'No token that allows pull is left, and pulls stay closed: bots are refused (401) and go on with the models that they run. ' +
    'Make a token for them, or set SLIPWAY_ANONYMOUS=pull and restart the server, which opens pulls to all.',
}
