import type { IncomingMessage } from 'node:http'
import { safeFileName } from '../../../protocol/file-name.ts'
import { isName, NAME_RULE } from '../../../protocol/names.ts'
import { refuseReservedTag } from '../../releases/find-or-refuse.ts'
import { RequestError } from '../reply/request-error.ts'

/** What the query of a publish says. */
export interface QueriedTerms {
  tags: string[]
  notes: string
  filename: string | undefined
}

/**
 * Reads the query of a publish: `tag=` (repeatable), `notes=`, `filename=`.
 *
 * @throws RequestError `invalid-parameter`, `invalid-name`; DomainError `tag-reserved`
 */
export function readPublishTerms({ url = '' }: IncomingMessage): QueriedTerms {
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
  const tags = query.getAll('tag')
  for (const tag of tags) {
    if (!isName(tag))
      throw new RequestError('invalid-name', `tag: "${tag}" is not a tag's name: ${NAME_RULE}.`)
    refuseReservedTag(tag)
  }
  const notes = query.get('notes') ?? ''
  if (notes.length > 10_000) throw new RequestError('invalid-parameter', 'notes: at most 10,000 characters.')
  const filename = query.get('filename') ?? undefined
  return { tags, notes, filename: filename === undefined ? undefined : safeFileName(filename) }
}
