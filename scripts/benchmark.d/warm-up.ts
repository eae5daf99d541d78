import { measurePolls, type PolledServer } from './load.ts'
import { requireUnchanged } from './require-unchanged.ts'

/** Node compiles what is called often: the time of a poll fell from 106 µs to 51 within the first 300,000 of them (measured). */
const WARM_UP_SECONDS = 8

/** Has each server answer polls with 304, with new connections and with some that are kept alive, for as long as Node goes on compiling it. */
export async function warmUp(servers: readonly PolledServer[]): Promise<void> {
  for (const server of servers) {
    await requireUnchanged(server.url, server.tag)
    for (const connectionPerRequest of [true, false])
      await measurePolls(server, { connections: 64, seconds: WARM_UP_SECONDS, connectionPerRequest })
  }
}
