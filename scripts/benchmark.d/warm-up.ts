import { measurePolls, type PolledServer } from './load.ts'
import { requireUnchanged } from './require-unchanged.ts'

/** Node compiles what is called often: the time of a poll fell from 106 µs to 51 within the first 300,000 of them (measured). */
const WARM_UP_SECONDS = 8

/** From one kind of connections to the other Node compiles much of it again: the first seconds took up to 15 % more time (measured). */
const OTHER_KIND_SECONDS = 4

/** Has each server answer polls with 304, with new connections and with some that are kept alive, for as long as Node goes on compiling it. */
export async function warmUp(servers: readonly PolledServer[]): Promise<void> {
  for (const server of servers) {
    await requireUnchanged(server.url, server.tag)
    for (const connectionPerRequest of [true, false])
      await measurePolls(server, { connections: 64, seconds: WARM_UP_SECONDS, connectionPerRequest })
  }
}

/** Has each server that is warm answer polls of the kind that is measured next. */
export async function warmUpFor(
  servers: readonly PolledServer[],
  connectionPerRequest: boolean,
): Promise<void> {
  for (const server of servers)
    await measurePolls(server, { connections: 64, seconds: OTHER_KIND_SECONDS, connectionPerRequest })
}
