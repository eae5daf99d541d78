import { measureLoad } from './load.ts'
import { requireUnchanged } from './require-unchanged.ts'

/** Node compiles what is called often: the time of a poll fell from 106 µs to 51 within the first 300,000 of them (measured). */
const WARM_UP_SECONDS = 8

/** A server, and the entity tag with which it answers a poll with 304. */
interface PolledServer {
  pid: number
  url: string
  tag: string
}

/** Has each server answer polls with 304, with new connections and with some that are kept alive, for as long as Node goes on compiling it. */
export async function warmUp(servers: readonly PolledServer[]): Promise<void> {
  for (const { pid, url, tag } of servers) {
    await requireUnchanged(url, tag)
    for (const connectionPerRequest of [true, false]) {
      const headers = { 'If-None-Match': tag }
      await measureLoad(pid, {
        url,
        connections: 64,
        seconds: WARM_UP_SECONDS,
        headers,
        connectionPerRequest,
      })
    }
  }
}
