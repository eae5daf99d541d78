import { ApiClient } from '../api/api-client.ts'
import { EXIT } from './exit-code.ts'
import { exchangeIdentity, type OidcOption } from './oidc-option.ts'
import { serverAddress } from './server-address.ts'
import { untilSignal } from './until-signal.ts'

/**
 * Runs one command against the server that the environment names, and sets the exit code: what `work` returns, else 0.
 *
 * @param options.oidc Gets the token by the identity of this job.
 */
export async function withServer(
  work: (client: ApiClient, signal: AbortSignal) => Promise<number | undefined>,
  { oidc }: { oidc?: OidcOption } = {},
): Promise<void> {
  process.exitCode = await untilSignal(async (signal) => {
    const address = serverAddress(process.env)
    const client = new ApiClient({
      ...(oidc === undefined ? address : await exchangeIdentity(address, oidc, signal)),
      signal,
      onWait: (message) => {
        console.error(message)
      },
    })
    try {
      return (await work(client, signal)) ?? EXIT.done
    } finally {
      await client.close()
    }
  })
}
