import type { IdentityVerifier } from '../access/oidc/identity-verifier.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { Surroundings } from './surroundings.ts'

const LONGEST_REASON = 500

/** What checks identity tokens; its packages are loaded with the first one. */
export function composeIdentities({ clock, monotonic, logger }: Surroundings): IdentityVerifier {
  let verifier: Promise<IdentityVerifier> | undefined
  const load = async (): Promise<IdentityVerifier> => {
    const [{ JwtVerifier }, { IssuerKeys }] = await Promise.all([
      import('../oidc/jwt-verifier.ts'),
      import('../oidc/issuer-keys.ts'),
    ])
    const keys = new IssuerKeys(monotonic, (issuer, failure) => {
      logger.warn({ issuer, reason: reasonOf(failure) }, 'issuer_unavailable')
    })
    return new JwtVerifier(keys, clock)
  }
  return { verify: async (token, issuers) => (await (verifier ??= load())).verify(token, issuers) }
}

/** What went wrong, without a stack: it is the issuer, or the way to it, that needs somebody. */
function reasonOf(failure: unknown): string {
  const messages: string[] = []
  for (let cause = failure; cause instanceof Error; cause = cause.cause) messages.push(cause.message)
  return shownText(messages.join(': '), LONGEST_REASON)
}
