import type { IncomingMessage } from 'node:http'
import { parseEntityTags } from '../../../protocol/entity-tag.ts'
import type { Tag } from '../../releases/tag.ts'
import { positionEntityTag } from './present.ts'
import { RequestError } from '../reply/request-error.ts'

/**
 * Makes a change of a tag a compare-and-set: `If-Match` names the tag as its sender last saw it, by where it points alone;
 * `If-None-Match: *` allows only its creation (RFC 9110 §13.1.1, §13.1.2).
 *
 * @returns A check of the tag as it is when the change is made; undefined where the request has no condition.
 *   It throws RequestError `precondition-failed`, `tag-exists`.
 */
export function tagConditions({ headers }: IncomingMessage): ((tag: Tag | undefined) => void) | undefined {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined
  return (tag) => {
    if (ifMatch !== undefined && !names(ifMatch, tag, 'strongly')) {
      throw new RequestError(
        'precondition-failed',
        'The tag is not where If-Match says; read it, then decide again.',
        {
          release: tag?.release ?? null,
        },
      )
    }
    if (ifNoneMatch !== undefined && names(ifNoneMatch, tag, 'weakly')) {
      throw new RequestError(
        'tag-exists',
        'The tag is there already, and If-None-Match forbids to move it.',
        {
          release: tag?.release ?? null,
        },
      )
    }
  }
}

function names(field: string, tag: Tag | undefined, comparison: 'strongly' | 'weakly'): boolean {
  if (tag === undefined) return false
  const listed = parseEntityTags(field)
  if (listed === undefined || listed === '*') return listed === '*'
  const position = positionEntityTag(tag)
  return listed.some(
    ({ opaque, weak }) => opaque.split('.')[0] === position && !(weak && comparison === 'strongly'),
  )
}
