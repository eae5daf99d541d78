import type { IncomingMessage } from 'node:http'
import type { Model } from '../../releases/model.ts'
import { RequestError } from '../reply/request-error.ts'
import { namesParts } from './entity-tag-parts.ts'
import { modelSettingsPart } from './present.ts'

/**
 * Makes a change of a model's settings a compare-and-set: `If-Match` names the model as its sender last saw it, by its settings
 * and not by its releases (RFC 9110 §13.1.1).
 *
 * @returns A check of the model as it is when the change is made; undefined where the request has no condition. It throws
 *   RequestError `precondition-failed`.
 */
export function modelConditions({ headers }: IncomingMessage): ((model: Model) => void) | undefined {
  const ifMatch = headers['if-match']
  if (ifMatch === undefined) return undefined
  return (model) => {
    if (namesParts(ifMatch, [modelSettingsPart(model)], 'strongly')) return
    throw new RequestError(
      'precondition-failed',
      'The settings of the model are not as If-Match says; read it, then decide again.',
    )
  }
}
