import type { Express, Request, RequestHandler, Response } from 'express'
import { logRequest } from '../reply/log-request.ts'
import { sendProblem } from '../reply/send-problem.ts'
import { answerEndpoint, isAudited, type AnswerEndpointDependencies } from './answer-endpoint.ts'
import type { Endpoint, Method } from './endpoint.ts'

/** Gives every endpoint its address, and every other method of these addresses a 405 that names the right ones. */
export function mountEndpoints(
  app: Express,
  endpoints: readonly Endpoint[],
  dependencies: AnswerEndpointDependencies,
): void {
  for (const [path, group] of Map.groupBy(endpoints, ({ path }) => path)) {
    const byMethod = new Map<string, Endpoint>(group.map((endpoint) => [endpoint.method, endpoint]))
    const get = byMethod.get('GET')
    if (get !== undefined) byMethod.set('HEAD', get)
    const allowed = allowedMethods(group.map(({ method }) => method))
    // Not `app.all`, which adds the handler once for each method of Node: 2,000 of them, 15 ms and 0.9 MB for each server.
    app.route(expressPath(path)).all(dispatch(byMethod, allowed, dependencies))
  }
}

/** The value of `Allow` for an address that takes some methods. */
export function allowedMethods(methods: readonly Method[]): string {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
}

/** Answers 405 (RFC 9110 §15.5.6). */
export function refuseMethod(request: Request, response: Response, allowed: string): void {
  response.setHeader('Allow', allowed)
  sendProblem(request, response, 'method-not-allowed', `This address takes ${allowed}.`)
}

function dispatch(
  byMethod: ReadonlyMap<string, Endpoint>,
  allowed: string,
  dependencies: AnswerEndpointDependencies,
): RequestHandler {
  const { changes, logger } = dependencies
  return async (request, response) => {
    const begun = performance.now()
    const endpoint = byMethod.get(request.method)
    if (endpoint === undefined) {
      refuseMethod(request, response, allowed)
      logRequest(logger, request, response, begun)
      return
    }
    const { sender, facts, level } = await answerEndpoint(endpoint, dependencies, request, response)
    if (isAudited(endpoint)) changes.noteAnswer(request, response, sender)
    logRequest(logger, request, response, begun, facts, level)
  }
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
