import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { pino, type Logger } from 'pino'
import { composeServer } from '../composition/compose.ts'
import { requireTokensOrCatalog } from '../composition/opening/require-tokens.ts'
import { safeLogLine } from '../composition/logging/safe-log-line.ts'
import { stopServer } from '../composition/running/stop-server.ts'
import { loadConfig } from '../config/config.ts'
import type { SettingName } from '../config/settings.ts'
import { sendProblem } from '../http/reply/send-problem.ts'

/**
 * The variables that `slipway serve --help` lists, by the same names. `process.env` is not read. `HOST` says where the
 * application listens: without it any address is assumed, and then tokens are required, as for a server of its own.
 */
export type EmbeddedSettings = Readonly<
  Partial<Record<Exclude<SettingName, 'PORT'>, string | number | undefined>>
>

export interface EmbedOptions {
  /** Where the log goes; standard output unless one is given. */
  logger?: Logger
}

/** A handler for Express 4 and 5, Connect or `node:http`, and what belongs to it. */
export interface EmbeddedServer {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void
  /** Resolves when requests are answered; those that come before wait. Rejects where it cannot start. */
  readonly ready: Promise<void>
  /** Lets transfers end (for 30 s), then closes everything. Call it before the application's own server closes. */
  close(): Promise<void>
}

/**
 * A whole Slipway to mount in an application: polls, publishing, the API and its pages.
 *
 * ```ts
 * app.use('/models-of-ours', slipway({ DATA_DIR: './models-data', SLIPWAY_PUBLISH_TOKEN: token, SLIPWAY_ANONYMOUS: 'pull' }))
 * ```
 *
 * Mount it before anything that reads bodies, such as `express.json()`.
 *
 * @throws ConfigError that lists every mistake in the settings. `ready` rejects with one where a network would be served without
 *   a token, in a data directory that has a catalog.
 */
export function slipway(settings: EmbeddedSettings = {}, options: EmbedOptions = {}): EmbeddedServer {
  const config = loadConfig({ HOST: '0.0.0.0', ...textsOf(settings) }, process.cwd())
  requireTokensOrCatalog(config)
  const logger =
    options.logger ??
    pino({
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: safeLogLine },
    })
  for (const warning of config.warnings) logger.warn({ reason: warning }, 'configuration_warning')
  const composing = composeServer(config, logger, { now: () => Date.now() })
  // It never listens; what it would answer with is called with the requests of the application's own server.
  let http: Server | undefined
  let closing: Promise<void> | undefined
  let isClosed = false
  const ready = composing.then((server) => {
    http = server.http
    server.start().catch((error: unknown) => {
      logger.error({ err: error }, 'start_failed')
    })
  })
  ready.catch((error: unknown) => {
    logger.error({ err: error }, 'start_failed')
  })

  const handle = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => {
    if (request.readableDidRead && hasBody(request)) {
      sendProblem(request, response, 'internal-error', BODY_WAS_READ)
    } else if (isClosed) sendProblem(request, response, 'shutting-down')
    else if (http !== undefined) http.emit('request', request, response)
    else {
      ready.then(
        () => http?.emit('request', request, response),
        (error: unknown) => {
          if (next === undefined) sendProblem(request, response, 'internal-error', START_FAILED)
          else next(error)
        },
      )
    }
  }
  return Object.assign(handle, {
    ready,
    close: () => (closing ??= close()),
  })

  async function close(): Promise<void> {
    const server = await composing.catch(() => undefined)
    if (server !== undefined) await stopServer(server, logger, { closed: true })
    isClosed = true
  }
}

function textsOf(settings: EmbeddedSettings): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  )
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

const START_FAILED = 'Slipway could not start; the log of the application says why.'

const BODY_WAS_READ =
  'Something in front of Slipway has read the body of this request. Mount slipway() before express.json() and other body parsers.'
