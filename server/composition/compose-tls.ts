import type { Server } from 'node:http'
import { ConfigError } from '../config/config.ts'
import { followTlsFiles, isTlsServer, readTlsFiles, type TlsOptions } from '../http/tls-files.ts'
import { logAtMostEvery } from './logging/log-at-most-every.ts'
import type { Surroundings } from './surroundings.ts'

const FAILURE_WARNING_MILLISECONDS = 60 * 60_000

/** What a server speaks TLS with. */
export interface ComposedTls {
  /** Undefined: it speaks plain HTTP. */
  options: TlsOptions | undefined
  /** Begins to use what certificate and key are replaced by. */
  start(server: Server): void
  /** Tells it to end, and resolves when it has. */
  stop(): Promise<void>
}

/** Reads certificate and key, where they are set. @throws ConfigError where they cannot be used. */
export async function composeTls({ config: { tls }, logger }: Surroundings): Promise<ComposedTls> {
  const options = tls === undefined ? undefined : await readTlsFiles(tls).catch(refuse)
  const stopping = new AbortController()
  let following = Promise.resolve()
  const onFailure = logAtMostEvery(FAILURE_WARNING_MILLISECONDS, (error) => {
    logger.error({ err: error }, 'tls_files_unusable')
  })
  const onReload = () => {
    logger.info('tls_reloaded')
  }
  return {
    options,
    start(server) {
      if (tls === undefined || options === undefined || !isTlsServer(server)) return
      const report = { onReload, onFailure }
      following = followTlsFiles(server, tls, options, report, stopping.signal)
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await following
    },
  }
}

function refuse(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new ConfigError([
    `SLIPWAY_TLS_CERT, SLIPWAY_TLS_KEY: the server cannot speak TLS with them (${reason}); expected a certificate and its key, both as PEM`,
  ])
}
