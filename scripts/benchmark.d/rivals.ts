import path from 'node:path'
import { freePort, startServer, type RunningServer } from './start-server.ts'

/** A `node:http` handler that answers everything with a fixed 304. */
export async function startBareHttp(folder: string): Promise<RunningServer> {
  return startRival(folder, 'bare-http.ts')
}

/** `express.static` over the files of `root`. */
export async function startExpressStatic(folder: string, root: string): Promise<RunningServer> {
  return startRival(folder, 'express-static.ts', root)
}

async function startRival(folder: string, program: string, ...parameters: string[]): Promise<RunningServer> {
  const port = await freePort()
  return startServer(
    [process.execPath, path.join(import.meta.dirname, 'rivals', program), String(port), ...parameters],
    { folder, port, readyPath: '/' },
  )
}
