import { parseGrant, PERMISSIONS, type Grant, type Permission } from '../../protocol/grant.ts'
import { compilePattern, containsPattern } from './name-pattern.ts'
import { SOME_MODEL, SOME_TAG, type PermissionTarget } from './permission-target.ts'

/** Whether something is allowed. */
export type Allows = (permission: Permission, target: PermissionTarget) => boolean

/** The permissions that open what needs each. Whoever may change a model may look at it. */
const OPENED_BY: Readonly<Record<Permission, readonly Permission[]>> = {
  pull: ['pull', 'admin'],
  read: ['read', 'publish', 'promote', 'manage', 'admin'],
  publish: ['publish', 'admin'],
  promote: ['promote', 'admin'],
  manage: ['manage', 'admin'],
  admin: ['admin'],
}

/** Of these a grant may be for some tags only. */
const OF_TAGS: ReadonlySet<Permission> = new Set(['pull', 'promote'])

/**
 * Makes what a token allows ready to be asked, at every poll.
 *
 * @param allow As the catalog keeps it: what a later version wrote and this one does not understand allows nothing.
 */
export function compileGrants(allow: readonly string[]): Allows {
  const grants = allow.flatMap((text) => parseGrant(text) ?? []).map(compileGrant)
  return (permission, target) => grants.some((allows) => allows(permission, target))
}

/** Whether everything that some grants allow is allowed by others. */
export function containsGrants(outer: readonly Grant[], inner: readonly Grant[]): boolean {
  return inner.every((grant) => outer.some((other) => containsGrant(other, grant)))
}

function compileGrant({ permission: granted, model, tag }: Grant): Allows {
  const isModel = compilePattern(model)
  const isTag = compilePattern(tag)
  // `**` is written otherwise, and limits as little as `*`.
  const [everyModel, everyTag] = [containsPattern(model, '*'), containsPattern(tag, '*')]
  return (needed, target) => {
    if (!OPENED_BY[needed].includes(granted)) return false
    const { model } = target
    if (model === undefined ? !everyModel : model !== SOME_MODEL && !isModel(model)) return false
    if (!OF_TAGS.has(needed) || target.tag === SOME_TAG) return true
    return target.tag === undefined ? everyTag : isTag(target.tag)
  }
}

function containsGrant(outer: Grant, inner: Grant): boolean {
  if (!containsPattern(outer.model, inner.model)) return false
  const needs = PERMISSIONS.filter((needed) => OPENED_BY[needed].includes(inner.permission))
  return needs.every(
    (needed) =>
      OPENED_BY[needed].includes(outer.permission) &&
      (!OF_TAGS.has(needed) || containsPattern(outer.tag, inner.tag)),
  )
}

/** The permissions with which a request that needs one is let in, in words: `publish, promote or manage`. */
export function describeOpeners(needed: Permission): string {
  const openers = OPENED_BY[needed].filter((permission) => permission !== 'admin' || needed === 'admin')
  const last = openers.at(-1) ?? needed
  return openers.length < 2 ? last : `${openers.slice(0, -1).join(', ')} or ${last}`
}
