import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'
import { startChild, type Child } from './child.ts'
import { until } from './until.ts'

/** A running server, at an address and with a folder that it keeps across restarts. */
export interface SlipwayServer {
  url: string
  port: number
  /** What it has logged since it was first started. */
  log(): string
  restart(): Promise<void>
  /** Ends it as a power cut would; `restart` starts it again. */
  kill(): Promise<void>
}

const checkout = path.resolve(import.meta.dirname, '../..')

/** Starts the server in `folder`, where its catalog, blobs and inbox then lie, and waits until it is ready. */
export async function startSlipway(
  folder: string,
  { env = {}, port }: { env?: Record<string, string>; port?: number } = {},
): Promise<SlipwayServer> {
  await mkdir(folder, { recursive: true })
  const ownPort = port ?? (await freePort())
  const url = `http://127.0.0.1:${ownPort}`
  let earlier = ''
  let child: Child

  const start = async (): Promise<void> => {
    child = startChild(process.execPath, [path.join(checkout, 'server/main.ts')], {
      folder,
      env: {
        HOST: '127.0.0.1',
        PORT: String(ownPort),
        DATA_DIR: path.join(folder, 'data'),
        MODELS_DIR: path.join(folder, 'models'),
        LOG_LEVEL: 'debug',
        ...env,
      },
    })
    await until(`the server is ready; it printed:\n${child.output()}`, 30, async () => {
      if (!child.running()) throw new Error(`the server ended:\n${child.output()}`)
      return (await fetch(`${url}/readyz`)).ok
    })
  }
  await start()

  return {
    url,
    port: ownPort,
    log: () => earlier + child.output(),
    kill: () => child.kill(),
    restart: async () => {
      await child.stop()
      earlier += child.output()
      await start()
    },
  }
}
