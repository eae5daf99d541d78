import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ComposedServer } from '../compose.ts'
import type { Config } from '../../config/config.ts'
import type { LogOutput } from '../logging/log-output.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { stopServer } from './stop-server.ts'

/**
 * Connections that may wait to be accepted; the kernel's own limit is the usual 4,096. Bots that were started together
 * poll in step, each with a new connection, and one that finds the queue full waits a second to try again.
 */
const BACKLOG = 4_096
/** When stopping must have come to an end: later than any of its steps takes. */
const DEADLINE_MILLISECONDS = 36_000
/** How long the last lines of the log are waited for. */
const LAST_LINES_MILLISECONDS = 500
/** How long listening waits for the inbox; a large one goes on beside it. */
const HEAD_START_MILLISECONDS = 1_500
/** How long a server that cannot listen takes to undo what its start did. */
const GIVING_UP_MILLISECONDS = 5_000

/**
 * Listens, and stops on SIGINT and SIGTERM as {@link stopServer} says. A second signal, or 36 s, ends it however things stand.
 *
 * @returns The address that it listens on.
 * @throws Error where it cannot listen.
 */
export async function runServer(
  server: ComposedServer,
  config: Config,
  logger: Logger,
  logOutput: LogOutput,
): Promise<string> {
  const { http } = server
  const end = stopOnSignal({
    stop: (cause) => stopServer(server, logger, cause),
    onFailure: (error) => {
      logger.error({ err: error }, 'stop_failed')
    },
    flushLog: () => logOutput.flush(LAST_LINES_MILLISECONDS),
    deadlineMilliseconds: DEADLINE_MILLISECONDS,
  })
  void server.mustEnd.then(end)
  // A bot that asks before the inbox was looked through would wait a whole interval for its model.
  const starting = server.start()
  await Promise.race([starting, setTimeout(HEAD_START_MILLISECONDS, undefined, { ref: false })])
  starting.catch((error: unknown) => {
    logger.error({ err: error }, 'start_failed')
  })
  http.listen({ port: config.port, host: config.host, backlog: BACKLOG })
  await once(http, 'listening').catch(async (error: unknown) => {
    await Promise.race([
      giveUp(server, logger),
      setTimeout(GIVING_UP_MILLISECONDS, undefined, { ref: false }),
    ])
    throw cannotListen(config, error)
  })
  const { port } = http.address() as AddressInfo
  const address = `${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  const url = `${config.tls === undefined ? 'http' : 'https'}://${address}`
  server.listensAt(address)
  logger.info({ url, pid: process.pid, dataDir: config.dataDir, modelsDir: config.modelsDir }, 'listening')
  return url
}

/** Never rejects. */
async function giveUp(server: ComposedServer, logger: Logger): Promise<void> {
  try {
    await server.stop()
    await server.abandon()
    await server.close()
  } catch (error) {
    logger.warn({ err: error }, 'stop_failed')
  }
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
