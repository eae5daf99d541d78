import { z } from 'zod'
import { notes, tagName } from '../../../protocol/fields.ts'
import { PROBLEMS, type ProblemCode } from '../../../protocol/problem-table.ts'
import { publishedReleaseSchema } from '../../../protocol/release.ts'
import { ACCEPTABLE_REFUSALS } from '../../../archives/acceptable-refusal.ts'
import { MOST_TAGS_OF_A_PUBLISH } from '../../releases/tag-limits.ts'
import type { Operation } from './operation.ts'

const archive = z.file().meta({ description: 'The archive, as Rasa wrote it: a `.tar.gz`.' })

const form = z.object({
  model: archive.meta({ description: 'The archive; the field may be called `file` instead.' }),
  bundle: z.string().optional().meta({
    description: 'A Sigstore bundle that says whose archive it is, as a text or a file; 64 KiB at most.',
    example: '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json", …}',
  }),
})

const query = z.object({
  tag: z
    .array(tagName)
    .max(MOST_TAGS_OF_A_PUBLISH)
    .optional()
    .meta({ description: 'A tag to point at the release at once; repeatable.', example: ['production'] }),
  filename: z.string().optional().meta({
    description: 'The name to serve it under; made of model and digest where it is absent.',
    example: 'shop-2026-11-23.tar.gz',
  }),
  accept: z
    .array(z.enum(ACCEPTABLE_REFUSALS))
    .optional()
    .meta({
      description: 'A refusal that the publisher overrides; repeatable, kept with the release.',
      example: ['archive-incomplete'],
    }),
  force: z
    .enum(['true', 'false'])
    .optional()
    .meta({
      description:
        'Has `latest` and the tags asked for move although these bytes were taken back before; without it the release is ' +
        'published, a warning says why they stay, and nothing moves.',
      example: 'true',
    }),
  notes: notes.optional().meta({
    description: 'Anything worth knowing about the release; beyond some kilobytes, PATCH it afterwards.',
    example: 'adds the intent birthday_cake',
  }),
})

const DESCRIPTION = `The body is the archive, \`curl --data-binary @x.tar.gz\`, or a form with the archive as a file, and perhaps its signature as \`bundle\`. Any other media type than a form's counts as the archive itself.

The archive is hashed and inspected while it arrives. \`latest\` moves to the new release; \`tag=\` promotes it to other tags in the same step. A tag whose policy has several steps moves with the last of them. Where the model's highest release has the same bytes already, nothing new is made: 200 with that release, and \`latest\` moves back to it where it was rolled back.

A model may require signatures (\`PATCH /api/v1/models/{model}\`): what is not signed by one of its signers is refused, and nothing of it is kept. Elsewhere a bundle is kept as it is, once it is about these bytes. Where the highest release has the same bytes, a signature that it lacked is added to it.

If-Match is compared with the ETag of \`@latest\`.`

/** What inspection may refuse an archive with. */
const REFUSALS = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => code.startsWith('archive-'))

/** `POST /models/{model}`. */
export const publishOperation: Operation = {
  method: 'POST',
  path: '/models/{model}',
  id: 'publishModel',
  section: 'Pull and publish',
  summary: 'Publish an archive as a new release',
  description: DESCRIPTION,
  access: 'publish',
  query,
  fields: ['If-Match', 'Content-Digest', 'Repr-Digest'],
  body: {
    required: true,
    content: {
      'application/gzip': archive,
      'application/octet-stream': archive,
      'multipart/form-data': form,
    },
  },
  replies: {
    200: {
      description: "The model's highest release has these bytes already; tags were moved as asked.",
      schema: publishedReleaseSchema,
      headers: ['Location'],
    },
    201: { description: 'The new release.', schema: publishedReleaseSchema, headers: ['Location'] },
  },
  problems: [
    'invalid-name',
    'invalid-parameter',
    'not-found',
    'tag-reserved',
    'too-many-tags',
    'precondition-failed',
    'digest-malformed',
    'digest-unsupported',
    'digest-mismatch',
    'digest-on-multipart',
    'multipart-malformed',
    'bundle-too-large',
    'quota-exceeded',
    'signature-required',
    'signature-refused',
    ...REFUSALS,
    'storage-failed',
    'storage-unavailable',
    'overloaded',
  ],
}
