/** What an identity token says, once its signature, its issuer and its times were found right. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
}

/** Checks identity tokens by the keys of their issuers. */
export interface IdentityVerifier {
  /**
   * @param token A JWT (RFC 7519), as it came.
   * @param issuers Those whose tokens count: no other is ever asked for its keys.
   * @throws DomainError `identity-invalid` where it is no sound token of its issuer, or not of this time; `identity-untrusted`
   *   where its issuer does not count; `issuer-unavailable` where its keys cannot be had.
   */
  verify(token: string, issuers: ReadonlySet<string>): Promise<Identity>
}
