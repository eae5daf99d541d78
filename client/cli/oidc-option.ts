import { ApiClient } from '../api/api-client.ts'
import { exchangeToken } from '../api/trust.ts'
import { identityToken } from '../oidc/identity-token.ts'
import type { ServerAddress } from './server-address.ts'
import { usageError } from './usage-error.ts'

/** `true` where `--oidc` stands without a value; a text is the audience. */
export type OidcOption = string | true | undefined

export const OIDC_FLAGS = '--oidc [audience]'
export const OIDC_HELP =
  'without a token: exchange the identity token of this job for one, made for the server or for this audience'

/**
 * The address of the server with a token that the identity token of this job was exchanged for.
 *
 * @throws PullFailure `configuration` where there is a token already, or no identity; `denied` where the server does not
 *   trust it.
 */
export async function exchangeIdentity(
  { url, token }: ServerAddress,
  option: string | true,
  signal: AbortSignal,
): Promise<ServerAddress> {
  if (token !== undefined) throw usageError('--oidc gets a token by itself: unset SLIPWAY_TOKEN')
  const audience = option === true ? url.origin : option
  const identity = await identityToken(process.env, audience, signal)
  const client = new ApiClient({ url, token: undefined, signal })
  try {
    return { url, token: (await exchangeToken(client, identity)).token }
  } finally {
    await client.close()
  }
}
