/** Somebody whose identity tokens are exchanged for tokens of ours. */
export interface TrustedPublisher {
  /** What the tokens that it gets are called. */
  readonly name: string
  /** The `iss` of its identity tokens. */
  readonly issuer: string
  /** One `aud` of them. */
  readonly audience: string
  /** What they must say; `*` in a value stands for any characters. */
  readonly claims: Readonly<Record<string, string>>
  /** Grants, as `parseGrant` reads them. */
  readonly allow: readonly string[]
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly createdBy: string
}
