import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import type { ComposedServer } from './compose.ts'
import type { Config } from '../config/config.ts'

/** How long transfers may go on after a signal. */
const DRAIN_MILLISECONDS = 30_000
const LOOK_MILLISECONDS = 50
/**
 * Connections that may wait to be accepted; the kernel's own limit is the usual 4,096. Bots that were started together
 * poll in step, each with a new connection, and one that finds the queue full waits a second to try again.
 */
const BACKLOG = 4_096
/** How long requests may go on after that. */
const LAST_ANSWERS_MILLISECONDS = 1_000
/** How long listening waits for the inbox; a large one goes on beside it. */
const HEAD_START_MILLISECONDS = 1_500

/**
 * Listens, and stops on SIGINT and SIGTERM: not ready at once, polls answered while transfers end, then the listener
 * and the stores closed. A second signal, or 30 s, ends it however things stand.
 *
 * @returns The address that it listens on.
 * @throws Error where it cannot listen.
 */
export async function runServer(server: ComposedServer, config: Config, logger: Logger): Promise<string> {
  const { http } = server
  closeOnSignal(server, logger)
  // A bot that asks before the inbox was looked through would wait a whole interval for its model.
  await Promise.race([server.start(), setTimeout(HEAD_START_MILLISECONDS, undefined, { ref: false })])
  http.listen({ port: config.port, host: config.host, backlog: BACKLOG })
  await once(http, 'listening').catch((error: unknown) => {
    throw cannotListen(config, error)
  })
  const { port } = http.address() as AddressInfo
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  logger.info({ url, pid: process.pid, dataDir: config.dataDir, modelsDir: config.modelsDir }, 'listening')
  return url
}

function cannotListen({ host, port }: Config, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(
    `Cannot listen on port ${port} of ${host} (${reason}). Set PORT or HOST to what is free.`,
    {
      cause,
    },
  )
}

function closeOnSignal(server: ComposedServer, logger: Logger): void {
  const { http, traffic, health } = server
  closeWithGrace({ delay: DRAIN_MILLISECONDS + 4_000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'crashed')
    logger.info({ signal, transfers: traffic.transfers, uploads: traffic.uploads }, 'stopping')
    health.stopping()
    await server.stop()
    if (err === undefined) await drain(server)
    await closeListener(http)
    await server.close()
    logger.info('stopped')
  })
}

/** Lets short requests that are under way, such as a promotion, hear their answer. */
async function closeListener(http: Server): Promise<void> {
  if (!http.listening) return
  const closed = once(http, 'close')
  http.close()
  await Promise.race([closed, setTimeout(LAST_ANSWERS_MILLISECONDS, undefined, { ref: false })])
  http.closeAllConnections()
}

async function drain({ traffic }: ComposedServer): Promise<void> {
  const end = performance.now() + DRAIN_MILLISECONDS
  while (traffic.transfers + traffic.uploads > 0 && performance.now() < end) {
    await setTimeout(LOOK_MILLISECONDS)
  }
}
