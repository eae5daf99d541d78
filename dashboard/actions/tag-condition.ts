import { ApiProblem, at, type Api } from '../api/api.ts'
import type { Condition } from './action.ts'

/** That a tag is still as it is read now; where there is none, that there is still none. @throws ApiProblem */
export async function tagCondition(
  api: Api,
  { model, tag }: { model: string; tag: string },
): Promise<Condition> {
  try {
    const { entityTag } = await api.getTagged(at.tag(model, tag))
    return { field: 'If-Match', value: entityTag ?? '*' }
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'tag-not-found') {
      return { field: 'If-None-Match', value: '*' }
    }
    throw error
  }
}
