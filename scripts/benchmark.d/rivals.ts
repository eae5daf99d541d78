import path from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { NODE_FLAGS } from './slipway.ts'
import { startServer, type RunningServer } from './start-server.ts'

/** A `node:http` handler that answers everything with a fixed 304, under the flags and with the header fields of our server. */
export async function startBareHttp(folder: string): Promise<RunningServer> {
  // The last one is set by our server itself, see allocate-young.ts.
  return startRival(folder, 'bare-http.ts', { flags: [...NODE_FLAGS, '--no-allocation-site-pretenuring'] })
}

/** `express.static` over the files of `root`. */
export async function startExpressStatic(folder: string, root: string): Promise<RunningServer> {
  return startRival(folder, 'express-static.ts', { parameters: [root] })
}

async function startRival(
  folder: string,
  program: string,
  { flags = [], parameters = [] }: { flags?: readonly string[]; parameters?: readonly string[] },
): Promise<RunningServer> {
  const port = await freePort()
  const file = path.join(import.meta.dirname, 'rivals', program)
  return startServer([process.execPath, ...flags, file, String(port), ...parameters], {
    folder,
    port,
    readyPath: '/',
  })
}
