import type { IncomingMessage } from 'node:http'
import { PERMISSIONS, type Permission } from '../../../protocol/grant.ts'
import { SOME_MODEL, SOME_TAG, type PermissionTarget } from '../../access/permission-target.ts'
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

/** Any model, and any tag of it. */
export const SOMEWHERE: PermissionTarget = { model: SOME_MODEL, tag: SOME_TAG }

/** What of all permissions a request has. @param target For what; every model and tag unless said otherwise. */
export function permissionsOf(rights: Rights, target: PermissionTarget = {}): Permission[] {
  return PERMISSIONS.filter((permission) => rights.principalFor(permission, target) !== undefined)
}

/** Whether something of a model may be shown; null: what is about the server as a whole. */
export type CanSee = (model: string | null) => boolean

/** What a request may be shown of lists that are about many models. It asks the rights once for each model. */
export function modelVisibility(rights: Pick<Rights, 'principalFor'>, permission: Permission): CanSee {
  const seen = new Map<string, boolean>()
  let seesAll: boolean | undefined
  return (model) => {
    seesAll ??= rights.principalFor(permission) !== undefined
    if (seesAll || model === null) return seesAll
    const known = seen.get(model)
    if (known !== undefined) return known
    const canSee = rights.principalFor(permission, { model }) !== undefined
    seen.set(model, canSee)
    return canSee
  }
}
