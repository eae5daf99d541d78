import type { Problem } from '../../protocol/problem.ts'
import { botInPath } from './bot-in-path.ts'

/** How a page reads from the server: over HTTP in a browser, and by the same endpoints in the server's own process. */
export interface Api {
  /**
   * Reads JSON. @param path Below the server's root: `api/v1/models`.
   * @throws ApiProblem
   */
  get<Body>(path: string): Promise<Body>
  /** Reads JSON with its entity tag, which a change can be made conditional on. @throws ApiProblem */
  getTagged<Body>(path: string): Promise<Tagged<Body>>
  /** Asks a question that needs a body, and changes nothing. @throws ApiProblem */
  ask<Body>(path: string, question: Readonly<Record<string, unknown>>): Promise<Body>
}

/** What was read, with its entity tag; null: it has none. */
export interface Tagged<Body> {
  readonly body: Body
  readonly entityTag: string | null
}

/** The server refused or failed. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  /** 0: no answer came. */
  readonly status: number
  readonly code: string
  /** Which field of what was sent is wrong, as a path: `steps.1`; undefined where the server does not say. */
  readonly field: string | undefined

  constructor(status: number, problem: Pick<Problem, 'code' | 'title' | 'detail'> & { field?: unknown }) {
    super(problem.detail ?? problem.title)
    this.status = status
    this.code = problem.code
    this.field = typeof problem.field === 'string' ? problem.field : undefined
  }
}

/** What the server refuses this caller, or does not have: undefined instead. @throws ApiProblem for any other reason */
export async function unlessRefused<Body>(reading: Promise<Body>): Promise<Body | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ApiProblem && [401, 403, 404].includes(error.status)) return undefined
    throw error
  }
}

/** Addresses of the API, below the server's root. */
export const at = {
  model: (model: string) => `api/v1/models/${encodeURIComponent(model)}`,
  release: (model: string, number: number) => `${at.model(model)}/releases/${number}`,
  tag: (model: string, tag: string) => `${at.model(model)}/tags/${encodeURIComponent(tag)}`,
  bot: (model: string, bot: string) => {
    const path = `api/v1/bots/${botInPath(bot)}`
    return `${path}${path.includes('?') ? '&' : '?'}model=${encodeURIComponent(model)}`
  },
  rollout: (model: string, id: string) => `${at.model(model)}/rollouts/${encodeURIComponent(id)}`,
}
