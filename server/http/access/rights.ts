import type { IncomingMessage } from 'node:http'
import { PERMISSIONS, type Permission } from '../../../protocol/grant.ts'
import type { PermissionTarget } from '../../access/permission-target.ts'
import type { Principal } from '../../access/principal.ts'

/** What the tokens of a request allow, asked without refusing anything: a page shows what its reader may do. */
export interface Rights {
  /** Whether too many wrong tokens came from there: none is looked at now. */
  readonly isLocked: boolean
  /** Whether a token was sent that is right, whatever it allows. */
  isKnown(): boolean
  /** Who it is, where that is allowed; undefined: it is not. */
  principalFor(permission: Permission, target?: PermissionTarget): Principal | undefined
}

/** Tells the rights of a request. @param tokens Those of the request unless others are to be looked at. */
export type ReadRights = (request: IncomingMessage, tokens?: readonly string[]) => Rights

/** What of all permissions a request has, whatever the model. */
export function permissionsOf(rights: Rights): Permission[] {
  return PERMISSIONS.filter((permission) => rights.principalFor(permission) !== undefined)
}
