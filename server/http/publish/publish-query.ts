import {
  ACCEPTABLE_REFUSALS,
  type AcceptableRefusal,
  type AcceptedRefusals,
} from '../../../archives/acceptable-refusal.ts'
import { safeFileName } from '../../../protocol/file-name.ts'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import { refuseReservedTag } from '../../releases/find-or-refuse.ts'
import { requireFewTags } from '../../releases/tag-limits.ts'
import { queryOf, refuseUnknownParameters } from '../api/known-parameters.ts'
import { RequestError } from '../reply/request-error.ts'

/** What the query of a publish says. */
export interface PublishQuery {
  tags: string[]
  notes: string
  filename: string | undefined
  accept: AcceptedRefusals
  force: boolean
}

/**
 * Reads the query of a publish: `tag=` and `accept=` (repeatable), `notes=`, `filename=`, `force=`.
 *
 * @throws RequestError `invalid-parameter`, `invalid-name`; DomainError `tag-reserved`, `too-many-tags`
 */
export function readPublishQuery(url: string | undefined): PublishQuery {
  const query = queryOf(url)
  refuseUnknownParameters(query, ['tag', 'filename', 'notes', 'accept', 'force'])
  const notes = query.get('notes') ?? ''
  if (notes.length > 10_000) throw new RequestError('invalid-parameter', 'notes: at most 10,000 characters.')
  const filename = query.get('filename') ?? undefined
  return {
    tags: readTags(query.getAll('tag')),
    notes,
    filename: filename === undefined ? undefined : safeFileName(filename),
    accept: new Set(query.getAll('accept').map(readAcceptable)),
    force: readForce(query.get('force')),
  }
}

function readTags(sent: readonly string[]): string[] {
  const tags = [...new Set(sent)]
  requireFewTags(tags)
  for (const tag of tags) {
    if (!isName(tag))
      throw new RequestError('invalid-name', `tag: "${tag}" is not a tag's name: ${NAME_RULE}.`)
    refuseReservedTag(tag)
  }
  return tags
}

function readForce(text: string | null): boolean {
  if (text === null || text === 'false') return false
  if (text === 'true') return true
  throw new RequestError(
    'invalid-parameter',
    'force: "true", to bring out bytes that were taken back before.',
  )
}

function readAcceptable(code: string): AcceptableRefusal {
  const acceptable = ACCEPTABLE_REFUSALS.find((refusal) => refusal === code)
  if (acceptable !== undefined) return acceptable
  throw new RequestError(
    'invalid-parameter',
    `accept: a publisher may accept ${ACCEPTABLE_REFUSALS.join(', ')}, nothing else.`,
  )
}
