import type { Problem } from '../../protocol/problem.ts'
import type { Call } from '../actions/action.ts'
import { ApiProblem, type Api, type Tagged } from './api.ts'
import { BY_SCRIPT } from './by-script.ts'

/** The API as a page in a browser reaches it. The cookie of the sign-in goes along by itself. */
export class BrowserApi implements Api {
  readonly #server: string

  /** @param server The address of the server, with a slash at its end. */
  constructor(server: string) {
    this.#server = server
  }

  async get<Body>(path: string): Promise<Body> {
    return (await this.#fetch<Body>(path, {})).body
  }

  getTagged<Body>(path: string): Promise<Tagged<Body>> {
    return this.#fetch(path, {})
  }

  async ask<Body>(path: string, question: Readonly<Record<string, unknown>>): Promise<Body> {
    return (await this.#fetch<Body>(path, withJson('POST', question))).body
  }

  /** Changes something. @throws ApiProblem */
  async send({ method, path, body, condition }: Call): Promise<unknown> {
    const { headers, ...init } = body === undefined ? { method, headers: {} } : withJson(method, body)
    const conditions = condition === undefined ? {} : { [condition.field]: condition.value }
    return (await this.#fetch(path, { ...init, headers: { ...headers, ...conditions } })).body
  }

  async #fetch<Body>(path: string, init: ScriptRequest): Promise<Tagged<Body>> {
    let response: Response
    try {
      const headers = { ...BY_SCRIPT, ...init.headers }
      response = await fetch(this.#server + path, { ...init, headers, credentials: 'same-origin' })
    } catch {
      throw new ApiProblem(0, {
        code: 'unreachable',
        title: 'The server does not answer. Is it up, and the network?',
      })
    }
    // A proxy that compresses marks it as weak, and a weak one matches nothing.
    const entityTag = response.headers.get('ETag')?.replace(/^W\//, '') ?? null
    if (response.status === 204) return { body: undefined as Body, entityTag }
    const text = await response.text()
    const body = parse(text)
    if (!response.ok) throw new ApiProblem(response.status, problemIn(body, response))
    return { body: body as Body, entityTag }
  }
}

type ScriptRequest = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

function withJson(
  method: string,
  body: unknown,
): { method: string; headers: Record<string, string>; body: string } {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A proxy on the way answers with pages of its own. */
function problemIn(
  body: unknown,
  { status, statusText }: Response,
): Pick<Problem, 'code' | 'title' | 'detail'> {
  if (typeof body === 'object' && body !== null && 'code' in body && 'title' in body) return body as Problem
  return { code: 'unknown', title: `The server, or a proxy before it, answered ${status} ${statusText}.` }
}
