import type { Request } from 'express'
import { SOME_MODEL, SOME_TAG, type PermissionTarget } from '../../access/permission-target.ts'
import { modelVisibility, type Rights } from '../access/rights.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { queryOf } from './known-parameters.ts'

/** What the sender of a request sees of lists. */
export function visibilityOf({ permission }: Endpoint, rights: Rights): Call['canSee'] {
  return permission === 'open' ? () => true : modelVisibility(rights, permission)
}

/** What the permission must be for, before anything of the request was checked. */
export function targetOf(
  { target = 'path' }: Endpoint,
  { params, url }: Pick<Request, 'params' | 'url'>,
): PermissionTarget {
  const { model, tag } = params as Record<string, string | undefined>
  if (target === 'path') return { model, tag }
  if (target === 'handler') return { model, tag: SOME_TAG }
  const [named, ...others] = queryOf(url).getAll('model')
  if (others.length > 0) return { tag: SOME_TAG }
  return { model: target === 'models' ? (named ?? SOME_MODEL) : named, tag: SOME_TAG }
}
