import { isInstanceName } from '../../fleet/bot-name.ts'
import { rememberRead } from '../reply/remember-read.ts'

/** What of a query any request may carry. */
export interface RequestQuery {
  /** Where Rasa sends its token (`token` in endpoints.yml). */
  readonly token: string | null
  /** The name that a bot gives itself; null also where it is no valid one. */
  readonly instance: string | null
}

const NO_QUERY: RequestQuery = { token: null, instance: null }

/** Longer than an `instance` of 128 characters and a token; as many as poll most servers. */
const LIMITS = { most: 20_000, longest: 256 }

const readRemembered = rememberRead((url): RequestQuery => {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const instance = query.get('instance')
  return {
    token: query.get('token'),
    instance: instance !== null && isInstanceName(instance) ? instance : null,
  }
}, LIMITS)

/** Reads the query of a request's address. */
export function readQuery(url: string): RequestQuery {
  return url.includes('?') ? readRemembered(url) : NO_QUERY
}
