import type { Target } from '../page/page.ts'
import type { Action } from './action.ts'

/** What the permission for an action must be for, by the address of its call; undefined: for every model. */
export function targetOf({ call: { path } }: Pick<Action, 'call'>): Target | undefined {
  const [, model, tag] = /^api\/v1\/models\/([^/?]+)(?:\/tags\/([^/?]+))?/.exec(path) ?? []
  if (model === undefined) return undefined
  return { model: decodeURIComponent(model), tag: tag === undefined ? undefined : decodeURIComponent(tag) }
}
