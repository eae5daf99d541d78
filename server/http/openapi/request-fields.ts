import { z } from 'zod'
import { botName } from '../../../protocol/bot.ts'
import { digest, modelName, tagName } from '../../../protocol/fields.ts'
import { tokenName } from '../../../protocol/token.ts'

/** Every header field of requests that is heeded somewhere. */
export const REQUEST_FIELDS = {
  'If-Match': {
    description: 'Do it only where the entity tag is still this one; else 412.',
    example: '"6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab"',
  },
  'If-None-Match': {
    description:
      'On GET: answer 304 where the entity tag is this one. On PUT, `*` allows only to create; else 412.',
    example: '"6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab"',
  },
  'Last-Event-ID': {
    description: 'The `id` of the last event that was taken: the stream goes on behind it.',
    example: '4711',
  },
  Range: { description: 'The part to send; one range of bytes is honoured.', example: 'bytes=1000-' },
  'If-Range': {
    description: 'Heed Range only where the archive is still this one; else send it whole.',
    example: '"6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab"',
  },
  'Slipway-Poll': {
    description:
      '`once`: whoever asks will not ask again, so it is no poll: no bot is seen in it, and the tag alone says what it gets.',
    example: 'once',
  },
  'Slipway-Edition': {
    description: '1: the other edition of the test archive, which has other bytes, as after an update.',
    example: '1',
  },
  'Content-Digest': {
    description:
      'What the body hashes to (RFC 9530); an upload that does not is refused. Not taken with a form.',
    example: 'sha-256=:a91tKY+8Q36J2bE+RwyEjnPc4+yG8ttzge6QBVtZ+qs=:',
  },
  'Repr-Digest': {
    description: 'As Content-Digest: an upload has neither coding nor range.',
    example: 'sha-256=:a91tKY+8Q36J2bE+RwyEjnPc4+yG8ttzge6QBVtZ+qs=:',
  },
} as const

/** The name of a field of {@link REQUEST_FIELDS}. */
export type RequestFieldName = keyof typeof REQUEST_FIELDS

const pathNumber = z.int().min(1).max(999_999_999_999_999)

/** What varies in addresses; `{release}` and the like of endpoints must be named here. */
export const PATH_PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  model: modelName,
  tag: tagName,
  digest,
  bot: botName,
  token: tokenName,
  publisher: tokenName.meta({ description: 'The name of a trusted publisher.', example: 'github-123456789' }),
  id: z.string().meta({ description: 'Names the rollout, or the webhook.', example: '42' }),
  delivery: z.string().meta({ description: 'Names a delivery of the webhook.', example: '17' }),
  number: pathNumber.meta({ description: 'The number of a release.', example: 7 }),
  other: pathNumber.meta({ description: 'The number of the release to compare with.', example: 8 }),
}
