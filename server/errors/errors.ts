/** Why the domain refuses something; each code has a problem of the same name on the wire. */
export type ErrorCode =
  | 'precondition-failed'
  | 'invalid-name'
  | 'no-release-tagged'
  | 'model-not-found'
  | 'release-not-found'
  | 'tag-not-found'
  | 'tag-exists'
  | 'tag-reserved'
  | 'tag-is-default'
  | 'default-tag-missing'
  | 'too-many-tags'
  | 'release-in-use'
  | 'model-in-use'
  | 'nothing-to-roll-back'
  | 'bot-not-found'
  | 'rollout-not-found'
  | 'rollout-state'
  | 'rollout-under-way'
  | 'release-quarantined'
  | 'policy-invalid'
  | 'token-exists'
  | 'first-token-not-admin'
  | 'pulls-would-close'
  | 'token-not-found'
  | 'identity-invalid'
  | 'identity-untrusted'
  | 'issuer-unavailable'
  | 'too-many-grants'
  | 'trust-invalid'
  | 'trust-exists'
  | 'trust-not-found'
  | 'too-many-trusted-publishers'
  | 'webhook-not-found'
  | 'webhook-target-refused'
  | 'too-many-webhooks'
  | 'delivery-not-found'
  | 'delivery-state'
  | 'signature-required'
  | 'signature-refused'
  | 'signatures-invalid'
  | 'bundle-not-found'
  | 'digest-mismatch'
  | 'archive-missing'
  | 'archive-too-large'
  | 'upload-truncated'
  | 'quota-exceeded'
  | 'disk-full'
  | 'blob-missing'
  | 'blob-damaged'
  | 'storage-failed'
  | 'storage-unavailable'
  | 'storage-owned-elsewhere'
  | 'catalog-busy'
  | 'catalog-unavailable'
  | 'verification-running'
  | 'overloaded'
  | 'shutting-down'

/** Facts about a refusal that a program may want: numbers and names, never paths or secrets. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>

/** A refusal or failure that has a name. The message is for the person who caused it. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: ErrorCode
  readonly data: ErrorData

  /**
   * @param message What happened, what was expected and what to do; shown to whoever asked.
   * @param options.cause Logged, never shown.
   */
  constructor(code: ErrorCode, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.data = data
  }
}
