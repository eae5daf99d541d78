import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBLEMS } from '../../../protocol/problem-table.ts'
import { ANONYMOUS } from '../../access/principal.ts'
import type { Rights } from '../access/rights.ts'
import { ANSWERED, type Call, type Endpoint } from '../api/endpoint.ts'
import { queryOf } from '../api/known-parameters.ts'
import { targetOf, visibilityOf } from '../api/endpoint-rights.ts'
import { parse, readParameters } from '../api/read-call.ts'
import type { FaultLog } from '../reply/fault-log.ts'
import { problemFor } from '../reply/send-failure.ts'
import type { Dashboard, PageApi } from './dashboard.ts'

/** What the endpoints are called with. */
interface InProcessDependencies {
  endpoints: readonly Endpoint[]
  rights: Rights
  request: IncomingMessage
  response: ServerResponse
  faults: FaultLog
  ApiProblem: Dashboard['ApiProblem']
}

/** The API for the page of one request: the same endpoints, with the rights of whoever asks for the page. */
export function inProcessApi({
  endpoints,
  rights,
  request,
  response,
  faults,
  ApiProblem,
}: InProcessDependencies): PageApi {
  const call = async (
    method: 'GET' | 'POST',
    address: string,
    question: unknown,
  ): Promise<{ body: unknown; entityTag: string | null }> => {
    const [path = ''] = address.split('?')
    const { endpoint, raw } = findEndpoint(endpoints, method, `/${path}`)
    if (endpoint === undefined) throw refusal('not-found', `There is nothing at ${path}.`)
    const target = targetOf(endpoint, { params: raw, url: address })
    const { permission } = endpoint
    const principal = permission === 'open' ? ANONYMOUS : rights.principalFor(permission, target)
    if (principal === undefined) throw refusal('token-insufficient', `Your token does not open ${path}.`)
    try {
      const params = readParameters(raw)
      const sent = Object.fromEntries(queryOf(address))
      const query = endpoint.query && parse(endpoint.query, sent, 'invalid-parameter', 'query')
      const body = endpoint.body && parse(endpoint.body, question, 'invalid-body', 'body')
      const isAllowed: Call['isAllowed'] = (needed, wanted) => {
        if (rights.principalFor(needed, wanted) !== undefined) return true
        throw refusal('token-insufficient', `Your token does not open ${path}.`)
      }
      const canSee = visibilityOf(endpoint, rights)
      const call = { params, query, body, principal, isAllowed, canSee, request, response }
      const reply = await endpoint.handle(call)
      if (reply === ANSWERED) throw new Error(`${path} answers by itself: no page can read it`)
      // As it would come over the wire: without what is undefined.
      const read: unknown = JSON.parse(JSON.stringify(reply.body ?? null))
      return { body: read, entityTag: reply.entityTag ?? null }
    } catch (error) {
      if (error instanceof ApiProblem) throw error
      const { code, detail } = problemFor(error)
      if (PROBLEMS[code].status >= 500) faults.note({ code, error, event: 'page_failed', facts: { path } })
      throw refusal(code, detail)
    }
  }
  return {
    get: async (path) => (await call('GET', path, undefined)).body as never,
    getTagged: (path) => call('GET', path, undefined) as Promise<never>,
    ask: async (path, question) => (await call('POST', path, question)).body as never,
  }

  function refusal(code: keyof typeof PROBLEMS, detail: string | undefined): Error {
    const { status, title } = PROBLEMS[code]
    return new ApiProblem(status, { code, title, ...(detail === undefined ? {} : { detail }) })
  }
}

function findEndpoint(
  endpoints: readonly Endpoint[],
  method: 'GET' | 'POST',
  path: string,
): { endpoint?: Endpoint; raw: Record<string, string> } {
  for (const endpoint of endpoints) {
    const raw = endpoint.method === method ? match(endpoint.path, path) : undefined
    if (raw !== undefined) return { endpoint, raw }
  }
  return { raw: {} }
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const raw: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? ''
    if (part.startsWith('{')) raw[part.slice(1, -1)] = decodeURIComponent(text)
    else if (part !== text) return undefined
  }
  return raw
}
