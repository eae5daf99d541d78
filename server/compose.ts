import { mkdir } from 'node:fs/promises'
import type { Server } from 'node:http'
import path from 'node:path'
import type { Logger } from 'pino'
import { ArchiveInspection } from '../archives/archive-inspection.ts'
import { FilesystemStore } from '../storage/filesystem-store.ts'
import { ObjectBlobs } from './blobs/object-blobs.ts'
import { lockDataDirectory } from './catalog/data-lock.ts'
import { openSqliteCatalog } from './catalog/sqlite-catalog.ts'
import type { Config } from './config.ts'
import { readDiskSpace, standardReserve } from './disk-space.ts'
import { instantOf, type Clock } from './domain/clock.ts'
import { CurrentReleases } from './domain/current-releases.ts'
import { KeyedLock } from './domain/keyed-lock.ts'
import { Sightings } from './domain/sightings.ts'
import { Health } from './health.ts'
import { createApp } from './http/app.ts'
import { createAuthorize } from './http/authorization.ts'
import { FailedAttempts } from './http/failed-attempts.ts'
import { createGate } from './http/gate.ts'
import { createGetModel } from './http/get-model.ts'
import { createHttpServer } from './http/http-server.ts'
import { createListener } from './http/listener.ts'
import { createMetrics } from './http/metrics.ts'
import { Traffic } from './http/traffic.ts'
import { Inbox } from './inbox/inbox.ts'
import { logInbox } from './log-inbox.ts'
import { publishModel, type PublishDependencies } from './operations/publish-model.ts'
import { rememberRefusedFile } from './operations/remember-refused-file.ts'
import { version } from './version.ts'

/** Requests with wrong tokens that an address may send in a minute before it hears 429 instead of 401. */
const FAILURES_PER_MINUTE = 30

/** A server whose parts are put together and which does not listen yet. */
export interface ComposedServer {
  http: Server
  health: Health
  traffic: Traffic
  /** Begins what goes on beside answering: the inbox. */
  start(): Promise<void>
  /** Ends it again. */
  stop(): Promise<void>
  /** Lets go of everything behind the server, in the reverse order of taking. */
  close(): Promise<void>
}

/**
 * Puts the server together; the only file that names concrete classes.
 *
 * @throws DataDirectoryInUse, and what catalog and store throw where they cannot be opened.
 */
export async function composeServer(config: Config, logger: Logger, clock: Clock): Promise<ComposedServer> {
  const lock = await lockDataDirectory(config.dataDir)
  const health = new Health()
  const startedAt = instantOf(clock)

  const store = new FilesystemStore(path.join(config.dataDir, 'blobs'))
  const swept = await store.sweep()
  if (swept > 0) logger.info({ files: swept }, 'tmp_swept')
  const blobs = new ObjectBlobs(
    store,
    async () => (await readDiskSpace(config.dataDir)).free,
    (failure) => {
      health.storageFailed(failure?.message)
    },
  )

  const catalog = await openSqliteCatalog(path.join(config.dataDir, 'catalog.sqlite'), {
    onUnwritable: (reason) => {
      logger.error({ err: reason }, 'catalog_unavailable')
      health.catalogFailed(reason.message)
    },
  })
  const current = new CurrentReleases()
  for (const model of await catalog.readCurrent()) current.replace(model)

  const traffic = new Traffic()
  const gate = createGate({
    authorize: createAuthorize(config),
    failures: new FailedAttempts(clock, FAILURES_PER_MINUTE),
    refusePagesFor: config.publishToken === undefined ? config.host : undefined,
  })
  const dependencies = {
    ...{ blobs, catalog, clock, current, gate, logger, traffic, track: config.track, version },
    blobLock: new KeyedLock(),
    keepHistory: config.keepHistory,
    sightings: new Sightings(),
    inspect: () => new ArchiveInspection(config.archiveLimits),
    maxArchiveBytes: config.maxArchiveBytes,
    reservedBytes: config.minFreeBytes ?? standardReserve(await readDiskSpace(config.dataDir)),
    metrics: createMetrics(traffic, current, () => blobs.freeBytes()),
    readiness: health.readiness,
    readStatus: async () => {
      const { free, total } = await readDiskSpace(config.dataDir)
      return {
        ...{
          version,
          startedAt,
          models: current.size,
          storage: 'filesystem',
          freeBytes: free,
          totalBytes: total,
        },
        ...{ transfers: traffic.transfers, uploads: traffic.uploads },
      }
    },
  }
  const listener = createListener(createGetModel(dependencies), createApp(dependencies), logger)
  const inbox = await composeInbox(config, dependencies)

  return {
    http: createHttpServer(listener, logger),
    health,
    traffic,
    start: () => inbox.start(),
    stop: () => inbox.stop(),
    async close() {
      await catalog.close()
      await blobs.close()
      lock.release()
    },
  }
}

async function composeInbox(
  config: Config,
  dependencies: PublishDependencies & { logger: Logger },
): Promise<Inbox> {
  await mkdir(config.modelsDir, { recursive: true })
  return new Inbox({
    folder: config.modelsDir,
    catalog: dependencies.catalog,
    clock: dependencies.clock,
    publish: (body, terms) => publishModel(dependencies, body, terms),
    rememberRefused: (file, code) => rememberRefusedFile(dependencies, file, code),
    readTrainedAt: async (bytes) => {
      const inspection = new ArchiveInspection(config.archiveLimits)
      for await (const chunk of bytes) await inspection.write(chunk)
      return (await inspection.end()).trainedAt
    },
    onEvent: (event) => {
      logInbox(dependencies.logger, event)
    },
  })
}
