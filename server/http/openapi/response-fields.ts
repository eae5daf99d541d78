/** A header field of answers, as the OpenAPI document has it. */
interface ResponseField {
  description: string
  example: string
  /** Set where the field is there only sometimes. */
  optional?: true
  type?: 'integer'
}

/** Every header field of answers that a client may rely on. */
export const RESPONSE_FIELDS = {
  'Accept-Ranges': { description: 'Parts of an archive can be asked for.', example: 'bytes' },
  Allow: { description: 'The methods that the address takes.', example: 'GET, HEAD' },
  'Cache-Control': {
    description: 'Who may keep the answer, and for how long.',
    example: 'private, no-cache, no-transform',
  },
  'Content-Disposition': {
    description: 'The file name of the archive, for browsers and curl -OJ.',
    example: 'attachment; filename="shop-6bdd6d298fbc.tar.gz"',
  },
  'Content-Length': { description: 'Bytes that follow.', example: '14516', type: 'integer' },
  'Content-Range': {
    description: 'Which part of the archive follows; on 416, how long the archive is.',
    example: 'bytes 1000-14515/14516',
  },
  ETag: {
    description: 'What to send back in If-None-Match or If-Match.',
    example: '"6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab"',
  },
  filename: {
    description: 'The file name of the archive, bare, as Rasa 3 reads it.',
    example: 'shop-6bdd6d298fbc.tar.gz',
  },
  Link: {
    description: 'The next page (RFC 8288), where there is one.',
    example: '</api/v1/models?limit=100&cursor=NDI>; rel="next"',
    optional: true,
  },
  Location: { description: 'Where what was made can be read.', example: '/api/v1/models/shop/releases/7' },
  'Repr-Digest': {
    description: 'The SHA-256 of the whole archive (RFC 9530), also where only a part is sent.',
    example: 'sha-256=:a91tKY+8Q36J2bE+RwyEjnPc4+yG8ttzge6QBVtZ+qs=:',
  },
  'Retry-After': {
    description: 'Seconds after which trying again is sensible.',
    example: '5',
    optional: true,
    type: 'integer',
  },
  'Slipway-Release': { description: 'The number of the release.', example: '7', type: 'integer' },
  'WWW-Authenticate': {
    description: 'How to send a token (RFC 9110 §11.6.1).',
    example: 'Bearer realm="slipway", Basic realm="slipway"',
  },
  'X-Request-Id': {
    description: "The request's id in the server's log; the one that was sent, if it was a sensible one.",
    example: '7c9a41d2e05b8f13',
    optional: true,
  },
} as const satisfies Record<string, ResponseField>

/** The name of a field of {@link RESPONSE_FIELDS}. */
export type ResponseFieldName = keyof typeof RESPONSE_FIELDS

/** The header objects of the OpenAPI document, by field name. */
export function headerObjects(): Record<string, object> {
  const entries = Object.entries<ResponseField>(RESPONSE_FIELDS)
  return Object.fromEntries(
    entries.map(([name, { description, example, optional = false, type = 'string' }]) => [
      name,
      {
        description,
        required: !optional,
        schema: { type, examples: [type === 'integer' ? Number(example) : example] },
      },
    ]),
  )
}
