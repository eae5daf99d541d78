import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import type { ProblemCode } from '../../../protocol/problem-table.ts'
import type { Permission } from '../../../protocol/grant.ts'
import type { PermissionTarget } from '../../access/permission-target.ts'
import type { CanSee } from '../access/rights.ts'
import type { Principal } from '../../access/principal.ts'
import type { RequestFacts } from '../reply/log-request.ts'
import type { ResponseFieldName } from '../openapi/response-fields.ts'

export type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'

/** One method of one address of the API: what it takes, what it answers, and how. The OpenAPI document tells the same. */
export interface Endpoint {
  method: Method
  /** With `{model}`, `{tag}`, `{number}`, `{other}`, `{bot}`, `{id}`, `{token}`, `{publisher}`, `{delivery}` for what varies. */
  path: string
  /** What its sender must be allowed to do; `open`: anybody may ask. */
  permission: Permission | 'open'
  /**
   * What that must be allowed for. `path`, the default: the model and the tag that the path has, else all. `query`: the model
   * that the query names, else all. `models`: the same, but where none is named any model is enough, and the handler tells of those
   * that {@link Call.canSee} lets through. `handler`: the model of the path, and a tag that the handler asks for itself.
   */
  target?: 'path' | 'query' | 'models' | 'handler'
  /** The name of the operation in the OpenAPI document. */
  id: string
  summary: string
  /** What else there is to know, in Markdown; the OpenAPI document shows it. */
  description?: string
  query?: z.ZodType
  body?: z.ZodType
  /** Whether the body may be left out. */
  bodyOptional?: boolean
  /** Which header fields are heeded besides those of every request. */
  conditions?: readonly (
    'If-Match' | 'If-None-Match' | 'Range' | 'If-Range' | 'Last-Event-ID' | 'Slipway-Edition'
  )[]
  replies: Readonly<Record<number, ReplyDescription>>
  /** What it refuses with, besides what every endpoint may. */
  problems: readonly ProblemCode[]
  handle(call: Call): Promise<Reply | Answered>
}

/** What a reply of some status is, for the OpenAPI document. */
export interface ReplyDescription {
  description: string
  schema?: z.ZodType
  headers?: readonly ResponseFieldName[]
  mediaType?: string
}

/** A request after its address, query and body were checked. */
export interface Call {
  params: PathParameters
  query: unknown
  body: unknown
  principal: Principal
  /** Asks for a permission once more, for what was not known before; where it is lacking, the request was answered. */
  isAllowed: (permission: Permission, target: PermissionTarget) => boolean
  /** Whether its sender has the permission for a model; null: for the server as a whole. It refuses nothing. */
  canSee: CanSee
  request: IncomingMessage
  response: ServerResponse
}

/** What the address names; each only where the path has it. */
export interface PathParameters {
  model: string
  tag: string
  number: number
  /** The second number of a release. */
  other: number
  bot: string
  /** Of a rollout, or of a webhook. */
  id: string
  /** The name of a token. */
  token: string
  /** The name of a trusted publisher. */
  publisher: string
  /** Of a delivery of a webhook. */
  delivery: string
}

/** An answer: JSON, or a text that is there already. */
export interface Reply {
  status: number
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, instead of `body`. */
  text?: { content: string; mediaType: string }
  /** An entity tag in quotes; a GET whose `If-None-Match` names it is answered 304. */
  entityTag?: string
  headers?: Readonly<Record<string, string>>
  /** What the log says of it besides the request itself. */
  facts?: RequestFacts
}

/** The endpoint has answered by itself. */
export const ANSWERED = Symbol('answered')
export type Answered = typeof ANSWERED

/** Types an endpoint's query and body by their schemas; they were checked before `handle` is called. */
export function endpoint<Query = undefined, Body = undefined>(
  definition: Omit<Endpoint, 'query' | 'body' | 'handle'> & {
    query?: z.ZodType<Query>
    body?: z.ZodType<Body>
    handle: (call: Omit<Call, 'query' | 'body'> & { query: Query; body: Body }) => Promise<Reply | Answered>
  },
): Endpoint {
  return definition
}
