import type { IncomingMessage } from 'node:http'
import type { Tag } from '../../releases/tag.ts'
import { namesParts } from './entity-tag-parts.ts'
import { comparedParts, type TagRollouts } from './present.ts'
import { RequestError } from '../reply/request-error.ts'

/**
 * Makes a change of a tag a compare-and-set: `If-Match` names the tag as its sender last saw it, by where it points, and
 * not by its rollout; `If-None-Match: *` allows only its creation (RFC 9110 §13.1.1, §13.1.2).
 *
 * @param rollouts Where the policy of the tag is compared, too.
 * @returns A check of the tag as it is when the change is made; undefined where the request has no condition.
 *   It throws RequestError `precondition-failed`, `tag-exists`.
 */
export function tagConditions(
  { headers }: IncomingMessage,
  rollouts?: TagRollouts,
): ((tag: Tag | undefined) => void) | undefined {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined
  const partsOf = (tag: Tag | undefined) => tag && comparedParts(tag, rollouts)
  return (tag) => {
    if (ifMatch !== undefined && !namesParts(ifMatch, partsOf(tag), 'strongly')) {
      throw new RequestError(
        'precondition-failed',
        `The tag is not ${rollouts === undefined ? 'where' : 'as'} If-Match says; read it, then decide again.`,
        {
          release: tag?.release ?? null,
        },
      )
    }
    if (ifNoneMatch !== undefined && namesParts(ifNoneMatch, partsOf(tag), 'weakly')) {
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
