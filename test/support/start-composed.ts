import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Logger } from 'pino'
import { composeServer, type ComposedServer } from '../../server/composition/compose.ts'
import type { Replacements } from '../../server/composition/replacements.ts'
import type { Config } from '../../server/config/config.ts'
import type { Clock } from '../../server/time/clock.ts'
import { searchedLog } from './log-lines.ts'
import { newCatalogFile } from './new-catalog-file.ts'
import { noteSecret } from './secrets-in-output.ts'
import { afterThisTest } from './temporary-directory.ts'

/** What a server in this process may differ in. */
export interface StartOptions {
  /** Shown nowhere without; either is searched for secrets. */
  logger?: Logger
  /** The machine's without. */
  clock?: Clock
  replacements?: Replacements
  /** False: neither inbox nor upkeep begin. */
  tasks?: boolean
}

/** The server that ships, in this process, on a free port of loopback. */
export interface StartedServer {
  server: ComposedServer
  /** `http://127.0.0.1:{port}`. */
  url: string
  port: number
  /** Ends it, as a test may want before its end; safe to call twice. */
  stop: () => Promise<void>
}

/** Puts the server together, begins its tasks and listens; it ends with the current test. */
export async function startComposed(config: Config, options: StartOptions = {}): Promise<StartedServer> {
  const { logger = searchedLog(), clock = { now: () => Date.now() }, tasks = true } = options
  for (const token of [config.publishToken, config.pullToken]) if (token !== undefined) noteSecret(token)
  if (config.database === undefined) await makeCatalogIfNew(config.dataDir)
  const server = await composeServer(config, logger, clock, options.replacements)
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= end(server))
  afterThisTest(stop)
  if (tasks) await server.start()
  server.http.listen(0, '127.0.0.1')
  await once(server.http, 'listening')
  const { port } = server.http.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}`, port, stop }
}

/** The server itself would make the same, in four times the processor time; only where it has never run. */
async function makeCatalogIfNew(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  if ((await readdir(dataDir)).length === 0) await newCatalogFile(path.join(dataDir, 'catalog.sqlite'))
}

async function end(server: ComposedServer): Promise<void> {
  const { http } = server
  await server.stop()
  if (http.listening) {
    const closed = once(http, 'close')
    http.close()
    http.closeAllConnections()
    await closed
  }
  await server.close()
}
