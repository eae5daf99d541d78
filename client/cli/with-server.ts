import { ApiClient } from '../api/api-client.ts'
import { EXIT } from './exit-code.ts'
import { serverAddress } from './server-address.ts'
import { untilSignal } from './until-signal.ts'

/** Runs one command against the server that the environment names, and sets the exit code: what `work` returns, else 0. */
export async function withServer(
  work: (client: ApiClient, signal: AbortSignal) => Promise<number | undefined>,
): Promise<void> {
  process.exitCode = await untilSignal(async (signal) => {
    const client = new ApiClient({
      ...serverAddress(process.env),
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
