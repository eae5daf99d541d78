import { mkdir } from 'node:fs/promises'
import type { Server } from 'node:http'
import path from 'node:path'
import type { Logger } from 'pino'
import { ArchiveInspection } from '../archives/archive-inspection.ts'
import { CachedBlobs } from './blobs/cached-blobs.ts'
import { DamageRegister } from './blobs/damage-register.ts'
import { ObjectBlobs } from './blobs/object-blobs.ts'
import { RememberedBlobs } from './blobs/remembered-blobs.ts'
import { VerifiedBlobs } from './blobs/verified-blobs.ts'
import { lockBlobs } from './catalog/backup-lock.ts'
import { lockDataDirectory } from './catalog/data-lock.ts'
import { composeBuckets } from './compose-buckets.ts'
import type { Config } from './config.ts'
import { CurrentFile } from './current-file.ts'
import { damageLog } from './damage-log.ts'
import { readDiskSpace, standardReserve } from './disk-space.ts'
import { instantOf, type Clock } from './domain/clock.ts'
import { CurrentReleases } from './domain/current-releases.ts'
import { DamagedBlobs } from './domain/damaged-blobs.ts'
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
import { openCatalog } from './open-catalog.ts'
import { openStorage, sweepHourly } from './open-storage.ts'
import { VerificationRun } from './operations/verification-run.ts'
import { Upkeep } from './upkeep.ts'
import { upkeepReadings } from './upkeep-readings.ts'
import { version } from './version.ts'
import { warningsOf } from './warnings.ts'

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

  const { store, cache } = await openStorage(config, logger)
  const stored = new ObjectBlobs(
    store,
    async () => (await readDiskSpace(config.dataDir)).free,
    (failure) => {
      health.storageFailed(failure?.message)
    },
  )

  const onUnwritable = (reason: Error) => {
    logger.error({ err: reason }, 'catalog_unavailable')
    health.catalogFailed(reason.message)
  }
  const { catalog, models, isLost } = await openCatalog(config.dataDir, { onUnwritable }, logger)
  const current = new CurrentReleases()
  for (const model of models) current.replace(model)
  const currentFile = new CurrentFile(path.join(config.dataDir, 'current.json'), current, (error) => {
    logger.warn({ err: error }, 'current_file_failed')
  })

  const damaged = new DamagedBlobs()
  if (!isLost) for (const blob of await catalog.listDamagedBlobs()) damaged.add(blob)
  const register = new DamageRegister(damaged, () => instantOf(clock), damageLog(catalog, logger))
  // Where the catalog cannot be asked, the digest alone decides.
  const sizeOf = (digest: string) => catalog.digestSize(digest).catch(() => undefined)
  const verified = new VerifiedBlobs(stored, register, sizeOf)
  const source = {
    open: (digest: string) => stored.open(digest),
    onDamaged: (digest: string) => verified.verify(digest),
  }
  const { retryPauses } = config.storage
  const blobs =
    cache === undefined
      ? new RememberedBlobs(verified)
      : new CachedBlobs(verified, cache, { source, retryPauses })

  const traffic = new Traffic()
  const gate = createGate({
    authorize: createAuthorize(config),
    failures: new FailedAttempts(clock, FAILURES_PER_MINUTE),
    refusePagesFor: config.publishToken === undefined ? config.host : undefined,
  })
  const kept = {
    ...{ blobs, catalog, clock, current, logger, verifier: verified },
    blobLock: new KeyedLock(),
    sightings: new Sightings(),
    inspect: () => new ArchiveInspection(config.archiveLimits),
    maxArchiveBytes: config.maxArchiveBytes,
  }
  const buckets = await composeBuckets(config, kept)
  if (!isLost) {
    current.onChange(() => {
      currentFile.schedule()
      buckets.tagsMoved()
    })
    currentFile.schedule()
  }
  const upkeep = new Upkeep({
    ...kept,
    isBeingRead: (digest) => verified.isBeingRead(digest),
    holdOffBackups: () => {
      const lock = lockBlobs(config.dataDir)
      return (
        lock &&
        (() => {
          lock.release()
        })
      )
    },
    readSpace: () => readDiskSpace(config.dataDir),
    retention: config.retention,
    graceMilliseconds: config.graceMilliseconds,
    scrub: config.scrub,
    isCatalogLost: isLost,
  })
  const verification = new VerificationRun(kept)
  const dependencies = {
    ...kept,
    ...{ damaged, gate, traffic, track: config.track, verification, version },
    keepHistory: config.keepHistory,
    listExports: buckets.listExports,
    reservedBytes: config.minFreeBytes ?? standardReserve(await readDiskSpace(config.dataDir)),
    metrics: createMetrics(traffic, current, () => blobs.freeBytes(), [
      ...upkeepReadings(upkeep.counts, damaged, isLost, () => readDiskSpace(config.dataDir)),
      ...buckets.readings,
    ]),
    readiness: health.readiness,
    readStatus: async () => {
      const { free, total } = await readDiskSpace(config.dataDir)
      return {
        ...{
          version,
          startedAt,
          models: current.size,
          storage: cache === undefined ? 'filesystem' : store.description,
          freeBytes: free,
          totalBytes: total,
        },
        ...{ transfers: traffic.transfers, uploads: traffic.uploads },
        warnings: warningsOf({ free, total }, damaged.size, isLost),
      }
    },
  }
  const listener = createListener(createGetModel(dependencies), createApp(dependencies), logger)
  const inbox = await composeInbox(config, dependencies)
  const stopping = new AbortController()

  return {
    http: createHttpServer(listener, logger),
    health,
    traffic,
    async start() {
      upkeep.start()
      if (cache !== undefined) void sweepHourly([store], stopping.signal, logger)
      if (!isLost) await Promise.all([inbox.start(), buckets.start()])
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await inbox.stop()
      await buckets.stop()
      await verification.stop()
      await upkeep.stop()
    },
    async close() {
      await currentFile.flush()
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
