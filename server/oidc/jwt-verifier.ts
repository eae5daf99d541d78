import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Identity, IdentityVerifier } from '../access/oidc/identity-verifier.ts'
import { DomainError } from '../errors/errors.ts'
import type { Clock } from '../time/clock.ts'
import { IssuerUnavailable, type IssuerKeys } from './issuer-keys.ts'
import { shownText } from '../../protocol/shown-text.ts'

/** Only what is signed with a private key: `none` is no signature, and HS256 would take a public key for a secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** How far clocks may be apart, in seconds. */
const CLOCK_SKEW = 60

/** Checks identity tokens by the keys that their issuers publish. */
export class JwtVerifier implements IdentityVerifier {
  readonly #keys: IssuerKeys
  readonly #clock: Clock

  constructor(keys: IssuerKeys, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  async verify(token: string, issuers: ReadonlySet<string>): Promise<Identity> {
    this.#keys.keepOnly(issuers)
    const { issuer, kid } = readClaimed(token)
    if (!issuers.has(issuer)) {
      throw new DomainError(
        'identity-untrusted',
        `No publisher of the issuer "${shownText(issuer)}" is trusted here (claim iss). Add it with slipway trust add.`,
        { claim: 'iss' },
      )
    }
    try {
      const keys = createLocalJWKSet(await this.#keys.find(issuer, kid))
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW,
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(this.#clock.now()),
      })
      return identityOf(issuer, payload)
    } catch (error) {
      throw refusalOf(issuer, error)
    }
  }
}

/** What a token says before anybody has checked it: whose keys to check it by. */
function readClaimed(token: string): { issuer: string; kid: string | undefined } {
  try {
    if (!isCompactForm(token)) throw new TypeError('not the compact form')
    const { iss } = decodeJwt(token)
    const { kid } = decodeProtectedHeader(token)
    if (typeof iss === 'string') return { issuer: iss, kid }
  } catch {
    // It is no token: said below.
  }
  throw new DomainError('identity-invalid', 'What was sent is no JWT with an issuer (claim iss).', {
    claim: 'iss',
  })
}

/**
 * Whether a text is the one compact form of a token (RFC 7515 §7.1). Decoders take padding, blanks and unused bits of the last
 * character as well: then one token would have several texts.
 */
function isCompactForm(text: string): boolean {
  const parts = text.split('.')
  return (
    parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  )
}

/** @throws DomainError where `sub` or `aud` is no text (RFC 7519 §4.1.2, §4.1.3), which jose leaves to whoever compares them */
function identityOf(issuer: string, payload: JWTPayload): Identity {
  const { aud = [], sub } = payload as { aud?: unknown; sub?: unknown }
  const audiences: unknown[] = [aud].flat()
  if (typeof sub !== 'string') throw invalid('its claim sub is no text', 'sub')
  if (!audiences.every((audience) => typeof audience === 'string'))
    throw invalid('its claim aud is neither a text nor a list of texts', 'aud')
  return { issuer, subject: sub, audiences, claims: payload }
}

function refusalOf(issuer: string, error: unknown): unknown {
  if (error instanceof IssuerUnavailable) {
    return new DomainError(
      'issuer-unavailable',
      `The keys of ${shownText(issuer)} cannot be fetched now; try again.`,
      {},
      { cause: error },
    )
  }
  if (error instanceof errors.JWTExpired)
    return invalid('it has expired (claim exp); get a new one', 'exp', error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`its claim ${error.claim} is not as it must be`, error.claim, error)
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return invalid('its issuer has no such key', 'kid', error)
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalid('it is not signed with a private key (alg)', 'alg', error)
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError)
    return invalid('its signature is not right', 'signature', error)
  return error
}

function invalid(what: string, claim: string, cause?: Error): DomainError {
  return new DomainError(
    'identity-invalid',
    `The identity token does not count: ${what}.`,
    { claim },
    { cause },
  )
}
