import { nearestName } from '../../../protocol/nearest-name.ts'
import { RequestError } from '../reply/request-error.ts'

/** The query of a request's address. */
export function queryOf(url = ''): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
}

/**
 * The parameters of a query, to be checked by a schema: a text each, or a list where one is there several times. Who may ask is
 * decided by the same reading of the address: Express's own leaves out what is behind a `#` or a thousand parameters.
 */
export function parametersIn(query: URLSearchParams): Record<string, string | string[]> {
  const values = [...Map.groupBy(query, ([name]) => name)].map(([name, pairs]) => {
    const [first = '', ...others] = pairs.map(([, value]) => value)
    return [name, others.length === 0 ? first : [first, ...others]] as const
  })
  return Object.fromEntries(values)
}

/**
 * Refuses a change that carries query parameters that its address does not take: a misspelt `tag=` would otherwise publish
 * without promoting. What is only read ignores them, as polls must.
 *
 * @throws RequestError `invalid-parameter`, which names the first of them and the nearest that is taken
 */
export function refuseUnknownParameters(query: URLSearchParams, known: readonly string[]): void {
  const unknown = [...query.keys()].find((name) => !known.includes(name))
  if (unknown === undefined) return
  const shown = JSON.stringify(unknown.slice(0, 64))
  const nearest = nearestName(unknown, known)
  const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  const taken = known.length === 0 ? 'no query parameters' : `the query parameters ${known.join(', ')}`
  throw new RequestError(
    'invalid-parameter',
    `${shown} is not known here.${meant} This address takes ${taken}.`,
  )
}
