import type { IdentityVerifier } from '../access/oidc/identity-verifier.ts'
import type { Surroundings } from './surroundings.ts'

/** What checks identity tokens; its packages are loaded with the first one. */
export function composeIdentities({ clock, monotonic }: Surroundings): IdentityVerifier {
  let verifier: Promise<IdentityVerifier> | undefined
  const load = async (): Promise<IdentityVerifier> => {
    const [{ JwtVerifier }, { IssuerKeys }] = await Promise.all([
      import('../oidc/jwt-verifier.ts'),
      import('../oidc/issuer-keys.ts'),
    ])
    return new JwtVerifier(new IssuerKeys(monotonic), clock)
  }
  return { verify: async (token, issuers) => (await (verifier ??= load())).verify(token, issuers) }
}
