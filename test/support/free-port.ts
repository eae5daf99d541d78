import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below what systems give to connections and to who asks for any port (Linux: ip_local_port_range, from 32,768; RFC 6335 section 6: from
 * 49,152): a port from there may be taken by any program before the one that it was drawn for listens.
 */
const [LOWEST, ABOVE] = [20_000, 32_768]

/** Those that this process has given out, for programs that may not listen yet. */
const given = new Set<number>()

/**
 * Draws a port of loopback that nothing listens on, for programs that cannot choose one and say which, or that must keep theirs. Each is given
 * once.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = randomInt(LOWEST, ABOVE)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`No port of ${LOWEST} to ${ABOVE - 1} is free`)
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  await once(probe.close(), 'close')
  return true
}
