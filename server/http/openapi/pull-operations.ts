import { z } from 'zod'
import type { ReplyDescription } from '../api/endpoint.ts'
import type { Operation } from './operation.ts'
import type { ResponseFieldName } from './response-fields.ts'

const ARCHIVE_FIELDS: readonly ResponseFieldName[] = [
  ...(['ETag', 'Content-Length', 'Content-Disposition', 'filename', 'Repr-Digest'] as const),
  ...(['Slipway-Release', 'Cache-Control', 'Accept-Ranges'] as const),
]

/** What an archive is answered with. */
const REPLIES: Readonly<Record<number, ReplyDescription>> = {
  200: { description: 'The archive.', mediaType: 'application/gzip', headers: ARCHIVE_FIELDS },
  206: {
    description: 'The part of the archive that was asked for.',
    mediaType: 'application/gzip',
    headers: [...ARCHIVE_FIELDS, 'Content-Range'],
  },
  304: { description: 'Not modified: the client has it already.', headers: ['ETag', 'Cache-Control'] },
}

const DESCRIPTION = `Point a bot here: \`models: url:\` in endpoints.yml.

The ETag is \`"<digest>"\`, the SHA-256 of the archive. A process that sends the hex of a version-4 UUID in If-None-Match, as Rasa does until its first successful load, gets \`"<digest>.<process>"\` instead, so that its later polls say which process runs which model. Both forms are understood in If-None-Match, If-Match and If-Range.`

const query = z.object({
  instance: z.string().optional().meta({
    description: 'A name for the bot, shown to people: `params: {instance: ${HOSTNAME}}` in endpoints.yml.',
    example: 'bot-7d4f9',
  }),
})

/** `GET|HEAD /models/{model}[@{tag}]`. */
export function pullOperations(): Operation[] {
  return [
    pull('GET', '/models/{model}@{tag}', 'pullTag', 'Pull what a tag selects'),
    pull('HEAD', '/models/{model}@{tag}', 'lookAtTag', 'Look at what a tag selects'),
    pull('GET', '/models/{model}', 'pullModel', 'Pull what the default tag selects'),
    pull('HEAD', '/models/{model}', 'lookAtModel', 'Look at what the default tag selects'),
  ]
}

function pull(method: 'GET' | 'HEAD', path: string, id: string, summary: string): Operation {
  const isGet = method === 'GET'
  const { 206: part, ...whole } = REPLIES
  return {
    method,
    path,
    id,
    summary,
    query,
    section: 'Pull and publish',
    description: isGet
      ? DESCRIPTION
      : 'The same fields as GET, without the archive; never counted as a poll.',
    access: 'pull',
    fields: isGet
      ? ['If-None-Match', 'If-Match', 'Range', 'If-Range', 'Slipway-Poll']
      : ['If-None-Match', 'If-Match'],
    replies: isGet && part !== undefined ? REPLIES : whole,
    problems: [
      'not-found',
      'no-release-tagged',
      'precondition-failed',
      ...(isGet ? (['range-not-satisfiable'] as const) : []),
      'blob-missing',
      'blob-damaged',
      'storage-unavailable',
      'storage-failed',
      'overloaded',
    ],
  }
}
