import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { startChild, type Child } from './child.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** A running server, at an address and with a folder that it keeps across restarts. */
export interface SlipwayServer {
  url: string
  port: number
  /** What it has logged since it was first started. */
  log(): string
  restart(): Promise<void>
}

const checkout = path.resolve(import.meta.dirname, '../..')

/** Starts the server in `folder`, where its catalog, blobs and inbox then lie, and waits until it is ready. */
export async function startSlipway(folder: string): Promise<SlipwayServer> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let earlier = ''
  let child: Child

  const start = async (): Promise<void> => {
    child = startChild(process.execPath, [path.join(checkout, 'server/main.ts')], {
      folder,
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: path.join(folder, 'data'),
        MODELS_DIR: path.join(folder, 'models'),
        LOG_LEVEL: 'debug',
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
    port,
    log: () => earlier + child.output(),
    restart: async () => {
      await child.stop()
      earlier += child.output()
      await start()
    },
  }
}
