import type { z } from 'zod'
import type { ProblemCode } from '../../../protocol/problem-table.ts'
import type { Permission } from '../../../protocol/grant.ts'
import type { Endpoint, Method, ReplyDescription } from '../api/endpoint.ts'
import type { RequestFieldName } from './request-fields.ts'

/** What the OpenAPI document says of one method of one address, whoever handles it. */
export interface Operation {
  method: Method | 'HEAD'
  path: string
  id: string
  /** The heading that it stands under. */
  section: Section
  summary: string
  description?: string | undefined
  /** What its sender must be allowed to do. */
  access: 'open' | Permission
  query?: z.ZodType | undefined
  fields: readonly RequestFieldName[]
  body?: BodyDescription | undefined
  replies: Readonly<Record<number, ReplyDescription>>
  problems: readonly ProblemCode[]
}

/** A body that is taken, by media type. */
export interface BodyDescription {
  required: boolean
  description?: string
  content: Readonly<Record<string, z.ZodType>>
}

/** The headings of the API, in order, with what they are about. */
export const SECTIONS = {
  'Pull and publish': 'What bots and CI do: fetch the archive that a tag selects, and bring new ones in.',
  Models: 'A model is a named line of releases.',
  Releases: 'A release is an archive that was published; immutable but for its notes.',
  Tags: 'A tag is a named pointer of a model to one of its releases. Promoting moves it; rolling back moves it back.',
  Fleet: 'What each bot runs, as its polls tell, and how promotions reach the bots.',
  Access: 'Who may do what, and who did what.',
  Server: 'How the server is, and what is done with it as a whole.',
  Operate: 'For probes, monitoring and people.',
} as const

export type Section = keyof typeof SECTIONS

/** Before anybody has looked at what is asked for. */
const UNREAD: readonly ProblemCode[] = ['headers-too-large']
/** Where a token is asked for, and the catalog. */
const GUARDED: readonly ProblemCode[] = [
  'bad-request',
  'token-required',
  'token-insufficient',
  'too-many-failures',
  'too-many-requests',
  'internal-error',
  'catalog-unavailable',
]
const CHANGES: readonly ProblemCode[] = [
  'invalid-parameter',
  'storage-owned-elsewhere',
  'cross-origin-refused',
  'foreign-host-refused',
  'catalog-busy',
  'disk-full',
]
const BODIES: readonly ProblemCode[] = [
  'media-type-unsupported',
  'content-encoding-unsupported',
  'invalid-body',
  'upload-truncated',
  'slow-client',
]

/** The problems of an operation: its own, and those that its kind always may have. */
export function allProblems({ access, method, body, problems }: Operation): ProblemCode[] {
  const isChange = method !== 'GET' && method !== 'HEAD'
  const all = [
    ...problems,
    ...UNREAD,
    ...(access === 'open' ? [] : GUARDED),
    ...(access !== 'open' && isChange ? CHANGES : []),
    ...(body === undefined ? [] : BODIES),
  ]
  return [...new Set(all)]
}

/** An endpoint under `/api/v1`, as an operation. */
export function operationOf(endpoint: Endpoint): Operation {
  const { method, path, id, summary, description, query, body, bodyOptional, conditions, replies, problems } =
    endpoint
  return {
    method,
    path,
    id,
    summary,
    description,
    query,
    replies,
    problems,
    section: sectionOf(path),
    access: endpoint.permission,
    fields: conditions ?? [],
    body: body && { required: bodyOptional !== true, content: { 'application/json': body } },
  }
}

/** What the fleet is, by the last part of an address that is no name. */
const OF_FLEET =
  /^\/(?:ready|api\/v1\/(?:overview|bots|processes|events|models\/[^/]+\/(?:rollouts|timeline)))(?:\/|$)|\/bots$/

/** What says who may do what, by the first part of an address. */
const OF_ACCESS: ReadonlySet<string> = new Set(['tokens', 'audit', 'trust', 'oidc'])

function sectionOf(path: string): Section {
  if (OF_FLEET.test(path)) return 'Fleet'
  const [, , , root, , below] = path.split('/')
  if (OF_ACCESS.has(root ?? '')) return 'Access'
  if (root !== 'models') return 'Server'
  if (below === 'releases') return 'Releases'
  return below === 'tags' ? 'Tags' : 'Models'
}
