import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { pino, type Logger } from 'pino'
import supertest from 'supertest'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { DEFAULT_ARCHIVE_LIMITS, type ArchiveLimits } from '../../archives/archive-limits.ts'
import type { Release } from '../../protocol/release.ts'
import type { Status } from '../../protocol/status.ts'
import { DamageRegister } from '../../server/blobs/damage-register.ts'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { VerifiedBlobs } from '../../server/blobs/verified-blobs.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { damageLog } from '../../server/composition/damage-log.ts'
import { instantOf } from '../../server/time/clock.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import { KeyedLock } from '../../server/coordination/keyed-lock.ts'
import { Sightings } from '../../server/fleet/sightings.ts'
import { Health } from '../../server/composition/health.ts'
import { createApp, type AppDependencies } from '../../server/http/app.ts'
import { createAuthorize } from '../../server/http/access/authorization.ts'
import { FailedAttempts } from '../../server/http/access/failed-attempts.ts'
import { createGate } from '../../server/http/access/gate.ts'
import { createGetModel, type GetModelDependencies } from '../../server/http/pull/get-model.ts'
import { createHttpServer } from '../../server/http/http-server.ts'
import { createListener } from '../../server/http/listener.ts'
import { createMetrics } from '../../server/http/operate/metrics.ts'
import { Traffic } from '../../server/http/operate/traffic.ts'
import { VerificationRun } from '../../server/upkeep/verification-run.ts'
import { version } from '../../server/config/version.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { aCatalog } from './a-catalog.ts'
import { aClock, type ManualClock } from './manual-clock.ts'
import { afterThisTest } from './temporary-directory.ts'

/** What a server under test may differ in. */
export interface ServerOptions {
  /** Without one, everybody may do everything, but for pages of other origins. */
  publishToken?: string
  pullToken?: string
  track?: boolean
  /** Wrong tokens that an address may send in a minute. */
  failuresPerMinute?: number
  maxArchiveBytes?: number
  archiveLimits?: Partial<ArchiveLimits>
  /** Bytes that the volume is said to have left; undefined: nobody knows. */
  freeBytes?: () => number | undefined
  reservedBytes?: number
  catalog?: Catalog
  store?: ObjectStore
  clock?: ManualClock
  logger?: Logger
}

/** A server that listens on a free port of loopback, with its parts. */
export interface ServerUnderTest extends AppDependencies, GetModelDependencies {
  /** `http://127.0.0.1:{port}`. */
  url: string
  port: number
  /** Sends requests to it: `server.request.get('/livez')`. */
  request: ReturnType<typeof supertest>
  store: ObjectStore
  clock: ManualClock
  health: Health
  /** Publishes bytes over HTTP, with the publish token where there is one; fails unless that succeeds. */
  publish: (archive: Uint8Array, options?: { model?: string; query?: string }) => Promise<Release>
}

/**
 * Starts a server with everything real but storage and clock, which are in memory; it ends with the current test.
 */
export async function aServer(options: ServerOptions = {}): Promise<ServerUnderTest> {
  const parts = assemble(options, options.catalog ?? (await aCatalog()))
  const http = createHttpServer(
    createListener(createGetModel(parts), createApp(parts), parts.logger),
    parts.logger,
  )
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  afterThisTest(async () => {
    http.close()
    http.closeAllConnections()
    await once(http, 'close')
    await parts.catalog.close()
    await parts.blobs.close()
  })
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    ...parts,
    url,
    port,
    request: supertest(url),
    publish: (archive, { model = 'shop', query = '' } = {}) =>
      publishTo(`${url}/models/${model}${query === '' ? '' : `?${query}`}`, archive, options.publishToken),
  }
}

type Parts = Omit<ServerUnderTest, 'url' | 'port' | 'request' | 'publish'>

function assemble(options: ServerOptions, catalog: Catalog): Parts {
  const { clock = aClock(), logger = pino({ level: 'silent' }), freeBytes = () => undefined } = options
  const store = options.store ?? new MemoryStore(() => clock.now())
  const damaged = new DamagedBlobs()
  const stored = new ObjectBlobs(store, () => Promise.resolve(freeBytes()))
  const register = new DamageRegister(damaged, () => instantOf(clock), damageLog(catalog, logger))
  const blobs = new VerifiedBlobs(stored, register, (digest) => catalog.digestSize(digest))
  const current = new CurrentReleases()
  const traffic = new Traffic()
  const health = new Health()
  const gate = createGate({
    authorize: createAuthorize(options),
    failures: new FailedAttempts(clock, options.failuresPerMinute ?? 30),
    refusePagesFor: options.publishToken === undefined ? '127.0.0.1' : undefined,
  })
  const startedAt = instantOf(clock)
  const readStatus = (): Promise<Status> =>
    Promise.resolve({
      ...{ version, startedAt, models: current.size, storage: store.description },
      ...{ freeBytes: freeBytes() ?? null, totalBytes: null },
      ...{ transfers: traffic.transfers, uploads: traffic.uploads, warnings: [] },
    })
  return {
    ...{ blobs, catalog, clock, current, gate, health, logger, readStatus, store, traffic, version },
    ...{ keepHistory: 5, sightings: new Sightings(), damaged, listExports: () => [] },
    verification: new VerificationRun({ catalog, clock, verifier: blobs }),
    ...{ blobLock: new KeyedLock(), readiness: health.readiness, track: options.track ?? true },
    inspect: () => new ArchiveInspection({ ...DEFAULT_ARCHIVE_LIMITS, ...options.archiveLimits }),
    maxArchiveBytes: options.maxArchiveBytes ?? 64 * 1024 * 1024,
    reservedBytes: options.reservedBytes ?? 0,
    metrics: createMetrics(traffic, current, () => blobs.freeBytes()),
  }
}

async function publishTo(url: string, archive: Uint8Array, token: string | undefined): Promise<Release> {
  const headers = { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) }
  const response = await fetch(url, { method: 'POST', body: Buffer.from(archive), headers })
  if (response.ok) return (await response.json()) as Release
  throw new Error(`Publishing was answered ${response.status}: ${await response.text()}`)
}
