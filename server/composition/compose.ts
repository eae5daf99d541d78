import type { Server } from 'node:http'
import path from 'node:path'
import type { Logger } from 'pino'
import type { AcceptedRefusals } from '../../archives/acceptable-refusal.ts'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { lockBlobs } from '../catalog/sqlite/backup-lock.ts'
import { lockDataDirectory } from '../catalog/sqlite/data-lock.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { BucketLease } from '../blobs/bucket-lease.ts'
import { composeAccess } from './compose-access.ts'
import { composeBlobs } from './compose-blobs.ts'
import { composeBackups } from './compose-backups.ts'
import { composeBuckets } from './compose-buckets.ts'
import { composeInbox } from './compose-inbox.ts'
import type { Config } from '../config/config.ts'
import { CurrentFile } from './current-file.ts'
import { readDiskSpace, standardReserve, type DiskSpace } from '../upkeep/disk-space.ts'
import { instantOf, type Clock } from '../time/clock.ts'
import type { DomainError } from '../errors/errors.ts'
import { VolumeSpace } from '../releases/volume-space.ts'
import { CurrentReleases } from '../releases/current-releases.ts'
import { ReleaseIndex } from '../releases/release-index.ts'
import { EventNews } from '../events/event-news.ts'
import { FleetTracker } from '../fleet/fleet-tracker.ts'
import { LiveRollouts } from '../rollouts/live-rollouts.ts'
import { FleetView } from '../rollouts/fleet-view.ts'
import { PollSelection } from '../rollouts/poll-selection.ts'
import { logAtMostEvery } from './log-at-most-every.ts'
import { SoleHousekeeper } from '../coordination/housekeeping.ts'
import { NoOtherServers, type ReleaseNews } from '../coordination/release-news.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { Health } from './health.ts'
import { createApp } from '../http/app.ts'
import { createGetModel } from '../http/pull/get-model.ts'
import { createHttpServer } from '../http/http-server.ts'
import { createListener } from '../http/listener.ts'
import { connectionsReading } from '../http/operate/connections-reading.ts'
import { createMetrics } from '../http/operate/metrics.ts'
import { StoreMetrics } from './store-metrics.ts'
import { Traffic } from '../http/operate/traffic.ts'
import { makeFolder } from './make-folder.ts'
import { openCatalog } from './open-catalog.ts'
import { guardWrites } from '../catalog/guard-writes.ts'
import { observeStorage, type StorageListeners } from './observe-storage.ts'
import { openStorage, sweepHourly, type OpenedStorage } from './open-storage.ts'
import { VerificationRun } from '../upkeep/verification-run.ts'
import { repeat } from '../time/repeat.ts'
import { Ballast, BALLAST_FILE, ballastBytes, catalogBesideBallast } from '../upkeep/ballast.ts'
import { SCHEDULES, Upkeep } from '../upkeep/upkeep.ts'
import { upkeepReadings } from './upkeep-readings.ts'
import { version } from '../config/version.ts'
import { warningsOf } from '../upkeep/warnings.ts'

/** How often room that was given up is looked for again. */
const BALLAST_MILLISECONDS = 10 * 60_000

/** A catalog that fails is tried again with every batch. */
const UNSAVED_WARNING_MILLISECONDS = 60_000

/** A server whose parts are put together and which does not listen yet. */
export interface ComposedServer {
  http: Server
  health: Health
  traffic: Traffic
  current: CurrentReleases
  fleet: FleetTracker
  blobs: BlobStore
  /** Begins what goes on beside answering: the inbox. */
  start(): Promise<void>
  /** Tells it to end, and resolves when it has. Polls and transfers go on. */
  stop(): Promise<void>
  /** Lets go of everything behind the server, in the reverse order of taking. */
  close(): Promise<void>
  /** Before {@link close}, by a server that never listened: a bucket that nobody owned before is nobody's again. */
  abandon(): Promise<void>
}

/** What may stand in for the machine's own: a store whose reads fail, a volume of another size. */
export interface Replacements {
  storage?: OpenedStorage
  readSpace?: () => Promise<DiskSpace>
}

/**
 * Puts the server together; this file and those named compose-… are the only ones that name concrete classes.
 *
 * @throws DataDirectoryInUse, and what catalog and store throw where they cannot be opened.
 */
export async function composeServer(
  config: Config,
  logger: Logger,
  clock: Clock,
  replacements: Replacements = {},
): Promise<ComposedServer> {
  const claimed: ClaimedBucket = {}
  try {
    return await composeParts(config, logger, clock, { replacements, claimed })
  } catch (error) {
    await claimed.lease?.abandon()
    throw error
  }
}

/** What a start that fails gives back. */
interface ClaimedBucket {
  lease?: BucketLease | undefined
}

async function composeParts(
  config: Config,
  logger: Logger,
  clock: Clock,
  { replacements, claimed }: { replacements: Replacements; claimed: ClaimedBucket },
): Promise<ComposedServer> {
  await makeFolder('DATA_DIR', config.dataDir)
  const lock = await lockDataDirectory(config.dataDir)
  const health = new Health()
  const startedAt = instantOf(clock)
  const { readSpace = () => readDiskSpace(config.dataDir) } = replacements

  const onWritable = (refusal: DomainError | undefined) => {
    if (refusal === undefined) logger.info('catalog_recovered')
    else logger.error({ err: refusal }, 'catalog_unavailable')
    health.catalogFailed(refusal)
  }
  const opened = await openCatalog(config.dataDir, { onWritable }, logger)
  const isCatalogLost = () => health.isCatalogLost
  const server = isCatalogLost() ? undefined : await opened.catalog.identity()
  const storeMetrics = new StoreMetrics()
  const storage =
    replacements.storage === undefined
      ? await openStorage(config, { server, health, metrics: storeMetrics }, logger)
      : withObservedStore(replacements.storage, { health, logger, metrics: storeMetrics })
  claimed.lease = storage.lease
  const catalog =
    storage.lease === undefined ? opened.catalog : guardWrites(opened.catalog, health.requireOwnership)
  const current = new CurrentReleases()
  for (const model of opened.models) current.replace(model)
  const currentFile = new CurrentFile(path.join(config.dataDir, 'current.json'), current, (error) => {
    logger.warn({ err: error }, 'current_file_failed')
  })

  const { blobs, verified, damaged, ...blobMetrics } = await composeBlobs(storage, opened, {
    ...{ health, logger, clock, readSpace },
  })

  const released = new ReleaseIndex()
  if (!isCatalogLost()) await released.load(catalog)
  released.addCurrent(current)
  const warnUnsaved = logAtMostEvery(UNSAVED_WARNING_MILLISECONDS, (error) => {
    logger.warn({ err: error }, 'fleet_unsaved')
  })
  const fleet = new FleetTracker({
    ...{ catalog, clock, isReleased: released.has },
    ...{ maxProcesses: config.maxProcesses, keepDays: config.fleetDays },
    onFailure: (error) => {
      if (!isCatalogLost()) warnUnsaved(error)
    },
  })
  if (!isCatalogLost()) await fleet.restore()
  const access = { needsToken: config.pullToken !== undefined }
  const rollouts = new LiveRollouts()
  const polls = new PollSelection({ tracker: fleet, rollouts, current, index: released, access })
  const view = new FleetView({
    ...{ memory: fleet.memory, rollouts, catalog, access, clock },
    releaseOf: released.numberOf,
  })
  const eventNews = new EventNews(catalog)

  const traffic = new Traffic()
  const { gate, connections, maxDownloads, ...guards } = composeAccess(config, clock)
  const kept = {
    ...{ blobs, catalog, clock, current, logger, verifier: verified },
    blobLock: new KeyedMutex(),
    fleet,
    housekeeping: new SoleHousekeeper(),
    inspect: (options?: { accept?: AcceptedRefusals }) =>
      new ArchiveInspection(config.archiveLimits, options),
    maxArchiveBytes: config.maxArchiveBytes,
    space: new VolumeSpace(
      () => blobs.freeBytes(),
      config.minFreeBytes ?? standardReserve(await readSpace()),
    ),
  }
  const ballast = new Ballast(path.join(config.dataDir, BALLAST_FILE), {
    bytes: ballastBytes((await readSpace()).total),
    freeBytes: async () => (await readSpace()).free,
  })
  // For what frees room: on a full disk it takes the place of the ballast.
  const freeingCatalog = isCatalogLost() ? catalog : catalogBesideBallast(catalog, ballast)
  const buckets = await composeBuckets(config, kept, storeMetrics)
  const backups = composeBackups(config, storage, kept)
  if (!isCatalogLost()) {
    current.onChange(() => {
      backups.modelsChanged()
      released.addCurrent(current)
      currentFile.schedule()
      buckets.tagsMoved()
    })
    currentFile.schedule()
  }
  const upkeep = new Upkeep(
    {
      ...{ ...kept, catalog: freeingCatalog },
      reads: { isBeingRead: (digest) => Promise.resolve(verified.isBeingRead(digest)) },
      backupLock: { tryHold: () => lockBlobs(config.dataDir) },
      readSpace,
      retention: config.retention,
      graceMilliseconds: config.graceMilliseconds,
      scrub: config.scrub,
      isCatalogLost,
    },
    // An empty catalog over a full storage is told at once.
    current.size === 0 ? { orphans: { ...SCHEDULES.orphans, first: 0 } } : {},
  )
  const verification = new VerificationRun({
    ...kept,
    onFailure: (error) => {
      logger.error({ err: error }, 'verification_failed')
    },
  })
  const dependencies = {
    ...kept,
    ...{ damaged, freeingCatalog, gate, traffic, track: config.track, verification, version },
    select: polls.select,
    ...{ view, news: eventNews, events: catalog },
    maxDownloads,
    keepHistory: config.keepHistory,
    listExports: buckets.listExports,
    maxUploads: config.maxUploads,
    metrics: createMetrics(
      traffic,
      current,
      () => blobs.freeBytes(),
      [
        ...upkeepReadings(upkeep.counts, damaged, isCatalogLost, readSpace),
        ...buckets.readings,
        ...blobMetrics.readings,
        connectionsReading(connections),
        ...backups.readings,
      ],
      storeMetrics.metrics,
    ),
    readiness: health.readiness,
    readStatus: async () => {
      const space = await readSpace()
      return {
        ...{ version, startedAt, models: current.size },
        storage: storage.cache === undefined ? 'filesystem' : storage.store.description,
        ...{ freeBytes: space.free, totalBytes: space.total },
        ...{ transfers: traffic.transfers, uploads: traffic.uploads },
        warnings: warningsOf(space, damaged.size, isCatalogLost(), upkeep.unknownBlobs),
      }
    },
  }
  const listener = createListener(createGetModel(dependencies), createApp(dependencies), {
    ...{ logger, connections, ...guards },
  })
  const inbox = await composeInbox(config, dependencies)
  const news: ReleaseNews = new NoOtherServers()
  const stopping = new AbortController()
  const takeBallast = async (): Promise<undefined> => {
    await ballast.take()
  }

  return {
    http: createHttpServer(listener, logger, connections),
    ...{ health, traffic, current, blobs, fleet },
    async start() {
      void news.follow(stopping.signal)
      void repeat({ first: 0, every: BALLAST_MILLISECONDS }, stopping.signal, takeBallast, () => undefined)
      upkeep.start()
      if (storage.cache !== undefined) void sweepHourly([storage.store], stopping.signal, logger)
      if (isCatalogLost()) return
      backups.start()
      await Promise.all([inbox.start(), buckets.start()])
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      eventNews.stop()
      await Promise.all([inbox.stop(), buckets.stop(), backups.stop(), verification.stop(), upkeep.stop()])
    },
    async close() {
      if (!isCatalogLost()) await fleet.save()
      await currentFile.flush()
      await catalog.close()
      await storage.lease?.release()
      await blobs.close()
      lock.release()
    },
    async abandon() {
      // Not where the inbox was published already: those archives have an owner.
      if (current.size === 0) await storage.lease?.abandon()
    },
  }
}

function withObservedStore(storage: OpenedStorage, listeners: StorageListeners): OpenedStorage {
  return { ...storage, store: observeStorage(storage.store, listeners) }
}
