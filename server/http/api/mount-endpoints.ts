import type { Express, Request, RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import { SOME_MODEL, SOME_TAG, type PermissionTarget } from '../../access/permission-target.ts'
import type { Principal } from '../../access/principal.ts'
import { ANSWERED, type Call, type Endpoint, type Method, type PathParameters } from './endpoint.ts'
import { parametersIn, queryOf, refuseUnknownParameters } from './known-parameters.ts'
import type { ChangeAudit } from '../access/change-audit.ts'
import type { Gate } from '../access/gate.ts'
import { modelVisibility, type ReadRights, type Rights } from '../access/rights.ts'
import { ClientGone } from '../reply/client-gone.ts'
import { logRequest, type RequestFacts } from '../reply/log-request.ts'
import { readJsonBody } from './read-json-body.ts'
import { RequestError } from '../reply/request-error.ts'
import { sendFailure } from '../reply/send-failure.ts'
import { sendProblem } from '../reply/send-problem.ts'
import { sendReply } from '../reply/send-reply.ts'

export interface MountDependencies {
  gate: Gate
  readRights: ReadRights
  logger: Logger
  changes: ChangeAudit
}

/** Gives every endpoint its address, and every other method of these addresses a 405 that names the right ones. */
export function mountEndpoints(
  app: Express,
  endpoints: readonly Endpoint[],
  dependencies: MountDependencies,
): void {
  for (const [path, group] of Map.groupBy(endpoints, ({ path }) => path)) {
    const byMethod = new Map<string, Endpoint>(group.map((endpoint) => [endpoint.method, endpoint]))
    const get = byMethod.get('GET')
    if (get !== undefined) byMethod.set('HEAD', get)
    const allowed = allowedMethods(group.map(({ method }) => method))
    app.all(expressPath(path), dispatch(byMethod, allowed, dependencies))
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
  { gate, readRights, logger, changes }: MountDependencies,
): RequestHandler {
  return async (request, response) => {
    const begun = performance.now()
    const endpoint = byMethod.get(request.method)
    let facts: RequestFacts | undefined
    let visibility: Call['canSee'] | undefined
    let level: 'debug' | undefined
    try {
      if (endpoint === undefined) {
        refuseMethod(request, response, allowed)
      } else {
        const { permission } = endpoint
        const principal =
          permission === 'open' ? ANYBODY : gate(request, response, permission, targetOf(endpoint, request))
        if (principal !== undefined) {
          // Also of a change that is refused: the log says who tried.
          if (isChange(endpoint.method)) facts = { by: principal.name }
          const params = readParameters(request.params)
          const sent = queryOf(request.url)
          if (isChange(endpoint.method)) refuseUnknownParameters(sent, parametersOf(endpoint.query))
          const query =
            endpoint.query && parse(endpoint.query, parametersIn(sent), 'invalid-parameter', 'query')
          const body =
            endpoint.body &&
            parse(endpoint.body, await readJsonBody(request, response, endpoint), 'invalid-body', 'body')
          const isAllowed: Call['isAllowed'] = (needed, target) =>
            gate(request, response, needed, target) !== undefined
          const canSee: Call['canSee'] = (model) =>
            (visibility ??= visibilityOf(endpoint, readRights(request)))(model)
          const call = { params, query, body, principal, isAllowed, canSee, request, response }
          const work = () => endpoint.handle(call)
          const reply = isAudited(endpoint) ? await changes.run(request, principal, work) : await work()
          if (reply !== ANSWERED) {
            sendReply(request, response, reply)
            facts = { ...facts, ...reply.facts }
            // A dashboard reads all the time; what was changed, sent or refused must not drown in that.
            if (!isChange(endpoint.method) && response.statusCode < 400) level = 'debug'
          }
        }
      }
    } catch (error) {
      if (error instanceof ClientGone) facts = { ...facts, outcome: 'aborted' }
      else sendFailure(request, response, error, logger)
    }
    if (endpoint !== undefined && isAudited(endpoint)) changes.noteAnswer(request, response)
    logRequest(logger, request, response, begun, facts, level)
  }
}

/** Who asks what is open to all. */
export const ANYBODY: Principal = { name: 'anonymous' }

/** What the sender of a request sees of lists. */
export function visibilityOf({ permission }: Endpoint, rights: Rights): Call['canSee'] {
  return permission === 'open' ? () => true : modelVisibility(rights, permission)
}

/** What the permission must be for, before anything of the request was checked. */
export function targetOf(
  { target = 'path' }: Endpoint,
  { params, url }: Pick<Request, 'params' | 'url'>,
): PermissionTarget {
  const { model, tag } = params as Record<string, string | undefined>
  if (target === 'path') return { model, tag }
  if (target === 'handler') return { model, tag: SOME_TAG }
  const [named, ...others] = queryOf(url).getAll('model')
  if (others.length > 0) return { tag: SOME_TAG }
  return { model: target === 'models' ? (named ?? SOME_MODEL) : named, tag: SOME_TAG }
}

function isChange(method: Method): boolean {
  return method !== 'GET'
}

/** What only looks is not audited, even where it takes a body. */
function isAudited({ method, permission }: Endpoint): boolean {
  return isChange(method) && permission !== 'read'
}

function parametersOf(query: z.ZodType | undefined): string[] {
  return query instanceof z.ZodObject ? Object.keys(query.shape) : []
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** What an address names, checked; parameters that a path does not have are never asked for. @throws RequestError */
export function readParameters(raw: Record<string, string | string[]>): PathParameters {
  const given = raw as Record<string, string>
  const { model = '', tag = '', number = '1', other = '1' } = given
  const { bot = '', id = '', token = '', publisher = '', delivery = '' } = given
  for (const name of [model, tag, token, publisher]) {
    if (name !== '' && !isName(name))
      throw new RequestError('invalid-name', `"${name}" is not a name: ${NAME_RULE}.`)
  }
  if (![number, other].every((text) => /^[1-9]\d{0,14}$/.test(text))) {
    throw new RequestError('invalid-parameter', 'A release is named by its number: 1, 2, 3 …')
  }
  return { model, tag, number: Number(number), other: Number(other), bot, id, token, publisher, delivery }
}

/** Reads a query or a body by its schema. @throws RequestError that names every mistake */
export function parse(
  schema: z.ZodType,
  value: unknown,
  code: 'invalid-parameter' | 'invalid-body',
  where: string,
): unknown {
  const result = schema.safeParse(value)
  if (result.success) {
    refuseDroppedKey(value, result.data, code, where)
    return result.data
  }
  const mistakes = result.error.issues.map(
    ({ path, message }) =>
      `${placeOf(where, path)}: ${message.replace('received undefined', 'but it is missing')}`,
  )
  throw new RequestError(code, mistakes.join('; '))
}

/** How people find a value: `policy.steps, entry 2` is the second one of that list. */
function placeOf(where: string, path: readonly PropertyKey[]): string {
  const [first, ...others] = path
  if (first === undefined) return where
  return others.reduce<string>(
    (place, each) => (typeof each === 'number' ? `${place}, entry ${each + 1}` : `${place}.${String(each)}`),
    String(first),
  )
}

/**
 * JSON may have a key `__proto__`, which zod drops of records without a word: a condition that is written so would be no
 * condition. Objects of known fields refuse it by themselves.
 */
function refuseDroppedKey(
  sent: unknown,
  read: unknown,
  code: 'invalid-parameter' | 'invalid-body',
  where: string,
): void {
  if (!isObject(sent) || !isObject(read)) return
  if (Object.hasOwn(sent, '__proto__') && !Object.hasOwn(read, '__proto__'))
    throw new RequestError(code, `${where}: Unrecognized key: "__proto__"`)
  for (const [key, value] of Object.entries(sent)) refuseDroppedKey(value, read[key], code, `${where}.${key}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
