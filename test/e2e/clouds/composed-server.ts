import { loadConfig, type Config } from '../../../server/config/config.ts'
import type { Release } from '../../../protocol/release.ts'
import type { StoreSettings } from '../../../storage/store-settings.ts'
import { keptLog, type LogLine } from '../../support/log-lines.ts'
import { startComposed } from '../../support/start-composed.ts'

/** A whole server in this process, over a folder that outlives its restarts. */
export interface RunningServer {
  url: string
  lines: LogLine[]
  logText: () => string
  publish: (archive: Uint8Array, query?: string) => Promise<Response>
  /** As publish; fails unless it succeeds. */
  release: (archive: Uint8Array, model?: string) => Promise<Release>
  promote: (release: number, tag?: string, model?: string) => Promise<void>
  /** JSON of the API. */
  read: (path: string) => Promise<unknown>
  stop: () => Promise<void>
}

/**
 * Short pauses, so that what a cloud passes over takes a test little time; time-outs that a machine with much else to do
 * keeps, too.
 */
const RETRY_POLICY = {
  attempts: 4,
  firstPause: 5,
  longestPause: 20,
  answerTimeout: 3_000,
  stallTimeout: 1_500,
  uploadRetryTime: 5_000,
}

/** For how long a lease must stand still before a copy takes it. Milliseconds. */
export const LEASE_DURATION = 3_000

const LEASE_TIMINGS = { duration: LEASE_DURATION, interval: 1_000, answerTimeout: 3_000 }

/**
 * Starts the server as `slipway serve` would with this environment, but quicker to give up on stores.
 *
 * @param timings `real`: exactly as quick
 */
export async function startServer(
  folder: string,
  env: Record<string, string>,
  timings: 'short' | 'real' = 'short',
): Promise<RunningServer> {
  const { logger, lines, text } = keptLog()
  const real = loadConfig(
    { DATA_DIR: `${folder}/data`, MODELS_DIR: `${folder}/models`, PORT: '0', ...env },
    folder,
  )
  const config = timings === 'real' ? real : withShortTimings(real)
  const { url, stop } = await startComposed(config, { logger })
  const publish = (archive: Uint8Array, query = 'default'): Promise<Response> =>
    fetch(`${url}/models/${query}`, { method: 'POST', body: Buffer.from(archive) })
  return {
    url,
    lines,
    logText: text,
    publish,
    stop,
    release: async (archive, model) => (await expectOk(await publish(archive, model))) as Release,
    promote: async (release, tag = 'production', model = 'default') => {
      await expectOk(
        await fetch(`${url}/api/v1/models/${model}/tags/${tag}`, {
          method: 'PUT',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ release }),
        }),
      )
    },
    read: async (path) => expectOk(await fetch(url + path)),
  }
}

async function expectOk(response: Response): Promise<unknown> {
  if (response.ok) return response.json()
  throw new Error(`${response.url} was answered ${response.status}: ${await response.text()}`)
}

function withShortTimings(config: Config): Config {
  const { storage } = config
  const quick = (store: StoreSettings): StoreSettings =>
    store.kind === 'filesystem' ? store : { ...store, retryPolicy: RETRY_POLICY }
  return {
    ...config,
    backup: config.backup && { ...config.backup, intervalMilliseconds: 200 },
    storage: {
      ...storage,
      store: quick(storage.store),
      leaseTimings: LEASE_TIMINGS,
      watchTimings: { firstPause: 50, longestPause: 400 },
      import: storage.import && {
        ...storage.import,
        store: quick(storage.import.store),
        intervalMilliseconds: 50,
      },
      export: storage.export && { ...storage.export, store: quick(storage.export.store) },
    },
  }
}
