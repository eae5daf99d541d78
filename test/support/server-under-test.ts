import path from 'node:path'
import type { Logger } from 'pino'
import supertest from 'supertest'
import type { Release } from '../../protocol/release.ts'
import type { ComposedServer } from '../../server/composition/compose.ts'
import type { Replacements } from '../../server/composition/replacements.ts'
import { loadConfig } from '../../server/config/config.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { aClock, type ManualClock } from './manual-clock.ts'
import { startComposed } from './start-composed.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What a server under test may differ in. */
export interface ServerOptions {
  /** Without one, everybody may do everything, but for pages of other origins. */
  publishToken?: string
  pullToken?: string
  /** Further variables, as `slipway serve` reads them. */
  env?: Readonly<Record<string, string>>
  /** Instead of files in DATA_DIR. */
  store?: ObjectStore
  /** Bytes that the volume is said to have left, instead of what it has. */
  freeBytes?: () => number
  clock?: ManualClock
  logger?: Logger
}

/** A server that listens on a free port of loopback, with its parts. */
export interface ServerUnderTest extends Pick<
  ComposedServer,
  'health' | 'traffic' | 'current' | 'fleet' | 'judge' | 'blobs'
> {
  /** `http://127.0.0.1:{port}`. */
  url: string
  port: number
  dataDir: string
  clock: ManualClock
  /** Sends requests to it: `server.request.get('/livez')`. */
  request: ReturnType<typeof supertest>
  /** Publishes bytes over HTTP, with the publish token where there is one; fails unless that succeeds. */
  publish: (archive: Uint8Array, options?: { model?: string; query?: string }) => Promise<Release>
  /** Where a blob lies, unless `store` was given. */
  blobFile: (digest: string) => string
}

/**
 * Starts the server that ships, over a folder of its own and with a clock that stands still; inbox and upkeep are not
 * started. It ends with the current test.
 */
export async function aServer(options: ServerOptions = {}): Promise<ServerUnderTest> {
  const { clock = aClock(), logger, publishToken } = options
  const folder = await temporaryDirectory()
  const dataDir = path.join(folder, 'data')
  const config = loadConfig(environment(options), folder)
  const { server, url, port } = await startComposed(config, {
    ...(logger === undefined ? {} : { logger }),
    clock,
    // Time goes by where a test says so: nothing looks like a clock that jumped.
    replacements: { ...replacements(options), monotonic: () => clock.now() },
    tasks: false,
  })
  const { health, traffic, current, fleet, judge, blobs } = server
  return {
    health,
    traffic,
    current,
    fleet,
    judge,
    blobs,
    url,
    port,
    dataDir,
    clock,
    request: supertest(url),
    publish: (archive, { model = 'shop', query = '' } = {}) =>
      publishTo(`${url}/models/${model}${query === '' ? '' : `?${query}`}`, archive, publishToken),
    blobFile: (digest) => path.join(dataDir, 'blobs/sha256', digest.slice(0, 2), digest),
  }
}

function environment({ publishToken, pullToken, env }: ServerOptions): Record<string, string> {
  return {
    ...(publishToken === undefined ? {} : { SLIPWAY_PUBLISH_TOKEN: publishToken }),
    ...(pullToken === undefined ? {} : { SLIPWAY_PULL_TOKEN: pullToken }),
    ...env,
  }
}

function replacements({ store, freeBytes }: ServerOptions): Replacements {
  return {
    ...(store === undefined ? {} : { storage: { store, cache: undefined, lease: undefined } }),
    ...(freeBytes === undefined
      ? {}
      : { readSpace: () => Promise.resolve({ free: freeBytes(), total: 1024 ** 4 }) }),
  }
}

async function publishTo(url: string, archive: Uint8Array, token: string | undefined): Promise<Release> {
  const headers = { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) }
  const response = await fetch(url, { method: 'POST', body: Buffer.from(archive), headers })
  if (response.ok) return (await response.json()) as Release
  throw new Error(`Publishing was answered ${response.status}: ${await response.text()}`)
}
