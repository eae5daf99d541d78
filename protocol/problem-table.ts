/** What a problem code stands for. */
export interface ProblemKind {
  status: number
  /** One constant line (RFC 9457 §3.1.3). */
  title: string
}

function problem(status: number, title: string): ProblemKind {
  return { status, title }
}

/**
 * Every refusal that crosses the wire: its stable code, status and title. Codes are never renamed;
 * scripts rely on them.
 */
export const PROBLEMS = {
  // The request itself
  'bad-request': problem(400, 'The request is not well formed'),
  'invalid-parameter': problem(400, 'A parameter is not valid'),
  'invalid-name': problem(400, 'The name is not valid'),
  'invalid-body': problem(400, 'The body is not valid for this address'),
  'not-found': problem(404, 'Nothing is at this address'),
  'method-not-allowed': problem(405, 'This method is not allowed at this address'),
  'precondition-failed': problem(412, 'The precondition does not hold'),
  'range-not-satisfiable': problem(416, 'The range lies outside the archive'),
  'media-type-unsupported': problem(415, 'The media type is not supported'),
  'content-encoding-unsupported': problem(415, 'The content encoding is not supported'),
  'slow-client': problem(408, 'The request took too long to arrive'),
  'headers-too-large': problem(431, 'The header fields are too large'),

  // Authentication and origin
  'token-required': problem(401, 'A valid token is required'),
  'token-insufficient': problem(403, 'The token does not allow this'),
  'identity-invalid': problem(401, 'The identity token does not count'),
  'identity-untrusted': problem(403, 'No trusted publisher has this identity'),
  'issuer-unavailable': problem(503, 'The issuer of the identity token does not answer'),
  'too-many-failures': problem(429, 'Too many requests with wrong tokens'),
  'too-many-requests': problem(429, 'The token or the address sends too many requests'),
  'cross-origin-refused': problem(403, 'Web pages of other origins may not do this'),
  'foreign-host-refused': problem(403, 'The Host header names another server'),

  // Models, releases, tags and rollouts
  'no-release-tagged': problem(404, 'No release has this tag'),
  'model-not-found': problem(404, 'The model does not exist'),
  'release-not-found': problem(404, 'The release does not exist'),
  'tag-not-found': problem(404, 'The tag does not exist'),
  'tag-exists': problem(412, 'The tag already exists'),
  'tag-reserved': problem(409, 'The tag latest moves by itself'),
  'tag-is-default': problem(409, "The tag is the model's default tag"),
  'default-tag-missing': problem(422, 'The default tag does not exist'),
  'too-many-tags': problem(422, 'Too many tags'),
  'release-in-use': problem(409, 'A tag points at the release'),
  'model-in-use': problem(409, 'The model is in use'),
  'nothing-to-roll-back': problem(409, 'There is no earlier release to go back to'),
  'bot-not-found': problem(404, 'The bot is not known'),
  'rollout-not-found': problem(404, 'The rollout does not exist'),
  'rollout-state': problem(409, 'The rollout is not in a state that allows this'),
  'rollout-under-way': problem(409, 'A rollout of the tag is under way'),
  'release-quarantined': problem(409, 'The release was taken back before'),
  'policy-invalid': problem(422, 'The rollout policy cannot work'),
  'token-exists': problem(409, 'The name of the token is in use'),
  'first-token-not-admin': problem(409, 'The first token has to allow admin'),
  'pulls-would-close': problem(409, 'Bots without a token would be refused'),
  'token-not-found': problem(404, 'The token does not exist'),
  'trust-invalid': problem(422, 'A publisher cannot be trusted so'),
  'trust-exists': problem(409, 'The name of the trusted publisher is in use'),
  'trust-not-found': problem(404, 'The trusted publisher does not exist'),
  'too-many-grants': problem(422, 'The trusted publishers allow more than a token holds'),
  'too-many-trusted-publishers': problem(422, 'Too many trusted publishers'),
  'webhook-not-found': problem(404, 'The webhook does not exist'),
  'webhook-target-refused': problem(422, 'Nothing may be sent to the address of the webhook'),
  'too-many-webhooks': problem(422, 'Too many webhooks'),
  'delivery-not-found': problem(404, 'The delivery does not exist'),
  'delivery-state': problem(409, 'The delivery is not dead'),
  'signatures-invalid': problem(422, 'No signature can be checked by these rules'),
  'bundle-not-found': problem(404, 'The release is not signed'),

  // Publishing
  'digest-malformed': problem(400, 'The digest field is malformed'),
  'digest-unsupported': problem(400, 'The digest field carries no SHA-256'),
  'digest-mismatch': problem(400, 'The bytes do not have the digest that was sent'),
  'digest-on-multipart': problem(400, 'A digest field on a form would cover the form'),
  'upload-truncated': problem(400, 'The upload ended early'),
  'multipart-malformed': problem(400, 'The form is malformed'),
  'bundle-too-large': problem(413, 'The bundle is larger than any signature'),
  'archive-missing': problem(400, 'No archive was sent'),
  'archive-too-large': problem(413, 'The archive is larger than this server allows'),
  'signature-required': problem(422, 'The model takes signed archives only'),
  'signature-refused': problem(422, 'The signature does not count'),
  'quota-exceeded': problem(409, 'The model would have more than it may'),
  'disk-full': problem(507, 'Not enough disk space'),

  // What inspection found
  'archive-not-gzip': problem(415, 'The archive is not gzip'),
  'archive-corrupt': problem(422, 'The gzip stream is corrupt'),
  'archive-truncated': problem(422, 'The archive ends early'),
  'archive-trailing-data': problem(422, 'Bytes follow the end of the archive'),
  'archive-multiple-members': problem(422, 'The archive holds several gzip members'),
  'archive-malformed-tar': problem(422, 'The tar archive is malformed'),
  'archive-unsafe-path': problem(422, 'A member path leaves the archive'),
  'archive-path-too-long': problem(422, 'A member path is too long'),
  'archive-invalid-path': problem(422, 'A member path is not valid text'),
  'archive-unsafe-member': problem(422, 'A member is neither file nor folder'),
  'archive-duplicate-member': problem(422, 'Two members have the same path'),
  'archive-too-many-members': problem(413, 'The archive has too many members'),
  'archive-unpacks-too-large': problem(413, 'The unpacked archive is larger than this server allows'),
  'archive-bomb': problem(413, 'The archive unpacks to implausibly more than its size'),
  'archive-metadata-too-large': problem(422, "The archive's metadata is too large or too deep"),
  'archive-metadata-invalid': problem(422, "The archive's metadata is not valid"),
  'archive-not-a-model': problem(422, 'The archive is not a Rasa model'),
  'archive-incomplete': problem(422, 'The archive lacks a component that its model needs'),

  // Failures of the server
  'internal-error': problem(500, 'The server failed'),
  'storage-failed': problem(500, 'The storage failed'),
  'blob-missing': problem(503, "The release's archive is missing from storage"),
  'blob-damaged': problem(503, "The release's archive is damaged"),
  'storage-unavailable': problem(503, 'The storage is not available'),
  'storage-owned-elsewhere': problem(503, 'Another server owns the bucket'),
  'catalog-busy': problem(503, 'The catalog is busy'),
  'catalog-unavailable': problem(503, 'The catalog cannot be changed now'),
  'verification-running': problem(409, 'A verification is under way'),
  overloaded: problem(503, 'The server is at its limits'),
  'shutting-down': problem(503, 'The server is shutting down'),
} as const satisfies Record<string, ProblemKind>

/** A stable code of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS
