import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { lockDataDirectory } from '../catalog/sqlite/data-lock.ts'
import type { Config } from '../config/config.ts'
import type { FleetSeries } from '../fleet/fleet-series.ts'
import { isAlone } from '../coordination/server-group.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { Traffic } from '../http/operate/traffic.ts'
import type { Inbox } from '../intake/inbox/inbox.ts'
import type { LiveRollouts } from '../rollouts/live-rollouts.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { RolloutJudge } from '../rollouts/rollout-judge.ts'
import type { Clock } from '../time/clock.ts'
import { readDiskSpace, type DiskSpace } from '../upkeep/disk-space.ts'
import { composeAudit, type ComposedAudit } from './compose-audit.ts'
import { composeBackups, type Backups } from './compose-backups.ts'
import { composeBlobs, type ComposedBlobs } from './compose-blobs.ts'
import { composeBuckets, type Buckets } from './compose-buckets.ts'
import { composeCatalog, type ComposedCatalog } from './compose-catalog.ts'
import { composeFleet, type ComposedFleet } from './compose-fleet.ts'
import { composeHousekeeping, type ComposedHousekeeping } from './compose-housekeeping.ts'
import { composeHttp } from './compose-http.ts'
import { composeInbox } from './compose-inbox.ts'
import { composePublishing } from './compose-publishing.ts'
import { composeStorage, type ComposedStorage } from './compose-storage.ts'
import { composeTls, type ComposedTls } from './compose-tls.ts'
import { composeTokens, type ComposedTokens } from './compose-tokens.ts'
import { composeUpkeep, type ComposedUpkeep } from './compose-upkeep.ts'
import { composeWebhooks, type ComposedWebhooks } from './compose-webhooks.ts'
import { Health } from './health.ts'
import { makeFolder } from './make-folder.ts'
import type { OpenedStorage } from './open-storage.ts'
import { requireTokensOrCatalog } from './require-tokens.ts'
import { StoreMetrics } from './store-metrics.ts'
import type { Surroundings } from './surroundings.ts'
import { CleanupStack } from './cleanup-stack.ts'

/** A server whose parts are put together and which does not listen yet. */
export interface ComposedServer {
  http: Server
  health: Health
  traffic: Traffic
  current: CurrentReleases
  fleet: FleetTracker
  /** Judges rollouts; upkeep has it do so every few seconds. */
  judge: RolloutJudge
  /** The rollouts under way. */
  rollouts: LiveRollouts
  blobs: BlobStore
  /** What it does again and again among others. */
  sharing: SharingWork
  /** Begins what goes on beside answering; resolves when inbox and bucket were looked through once. */
  start(): Promise<void>
  /** Has the servers that share its database know where it listens. */
  listensAt(address: string): void
  /** Tells it to end, and resolves when it has. Polls and transfers go on. */
  stop(): Promise<void>
  /** Resolves, with the reason, where this process can do no more good: another one is to start in its place. */
  mustEnd: Promise<string>
  /** Lets go of everything behind the server, in the reverse order of taking. */
  close(): Promise<void>
  /** Before {@link close}, by a server that never listened: a bucket that nobody owned before is nobody's again. */
  abandon(): Promise<void>
}

/** What a server does again and again where others change the same catalog, each once: timers are of the machine's time, and a test may have another. */
export interface SharingWork {
  /** Takes in what others changed and heard. @throws what the catalog throws. */
  compare(): Promise<void>
  /** Asks to be the housekeeper, or to stay it. @returns whether it is. @throws what the catalog throws. */
  renewTerm(): Promise<boolean>
  /** Concludes from silence, and tells others when bots were heard. It never rejects. */
  saveFleet(): Promise<void>
}

/** What may stand in for the machine's own: a store whose reads fail, a volume of another size. */
export interface Replacements {
  storage?: OpenedStorage
  readSpace?: () => Promise<DiskSpace>
  /** With another clock: milliseconds that only grow at its pace. */
  monotonic?: () => number
  /** Stands between the server and the catalog that it opens. */
  wrapCatalog?: (catalog: Catalog) => Catalog
}

/**
 * Puts the server together, a capability a file; those files are the only ones that name concrete classes.
 *
 * @throws ConfigError where a network would be served without a token; DataDirectoryInUse, and what catalog and store throw where they cannot be opened.
 */
export async function composeServer(
  config: Config,
  logger: Logger,
  clock: Clock,
  replacements: Replacements = {},
): Promise<ComposedServer> {
  requireTokensOrCatalog(config)
  await makeFolder('DATA_DIR', config.dataDir)
  const cleanup = new CleanupStack()
  try {
    return await composeOpened(config, logger, clock, replacements, cleanup)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function composeOpened(
  config: Config,
  logger: Logger,
  clock: Clock,
  replacements: Replacements,
  cleanup: CleanupStack,
): Promise<ComposedServer> {
  const lock = await lockDataDirectory(config.dataDir)
  cleanup.add(() => {
    lock.release()
  })
  const { readSpace = () => readDiskSpace(config.dataDir), monotonic = () => performance.now() } =
    replacements
  const health = new Health()
  const alone = {
    ...{ config, logger, clock, machineClock: clock, monotonic, health, readSpace },
    storeMetrics: new StoreMetrics(),
  }
  const tls = await composeTls(alone)
  const known = await composeCatalog(alone, replacements.wrapCatalog)
  cleanup.add(() => known.close())
  const surroundings = { ...alone, clock: known.clock }
  const access = await composeTokens(surroundings, known)
  cleanup.add(() => access.close())
  const storage = await composeStorage(surroundings, known, replacements.storage)
  cleanup.add(async () => {
    // Before the store is closed, without which no lease can be given up.
    await storage.lease?.abandon()
    await storage.store.close()
  })
  const parts = await composeParts(surroundings, known, access, storage, tls)
  const {
    housekeeper,
    audit,
    blobs,
    fleet,
    upkeep,
    buckets,
    backups,
    inbox,
    webhooks,
    http,
    traffic,
    series,
  } = parts
  return {
    ...{ http, traffic, health, current: known.current, fleet: fleet.tracker, blobs: blobs.blobs },
    ...{ judge: fleet.judge, rollouts: fleet.rollouts },
    sharing: {
      async compare() {
        await known.compare()
        await fleet.compare()
      },
      async renewTerm() {
        await housekeeper.renew()
        return housekeeper.housekeeping.term !== undefined
      },
      async saveFleet() {
        fleet.keeper.tick()
        await fleet.keeper.save()
      },
    },
    mustEnd: known.mustEnd,
    async start() {
      known.start()
      access.start()
      audit.start()
      tls.start(http)
      storage.start()
      housekeeper.start()
      fleet.start()
      blobs.start()
      upkeep.start()
      series.start()
      if (known.isLost()) return
      webhooks.start()
      backups.start()
      await Promise.all([inbox?.start(), buckets.start()])
    },
    listensAt: (address) => known.group?.listensAt(address),
    async stop() {
      known.stop()
      storage.stop()
      blobs.stop()
      const tasks = [tls, access, audit, fleet, inbox, buckets, backups, upkeep, webhooks, series]
      await Promise.all(tasks.flatMap((part) => (part === undefined ? [] : [part.stop()])))
      await housekeeper.stop()
    },
    async close() {
      await fleet.close()
      await audit.close()
      await access.close()
      await backups.finish(housekeeper)
      const isLast = known.group === undefined || (await isAlone(known.group))
      await known.close()
      await storage.lease?.release(isLast)
      await blobs.blobs.close()
      lock.release()
    },
    async abandon() {
      // Not where the inbox was published already: those archives have an owner.
      if (known.current.size === 0) await storage.lease?.abandon()
    },
  }
}

interface Parts {
  housekeeper: ComposedHousekeeping
  audit: ComposedAudit
  blobs: ComposedBlobs
  fleet: ComposedFleet
  upkeep: ComposedUpkeep
  buckets: Buckets
  backups: Backups
  inbox: Inbox | undefined
  webhooks: ComposedWebhooks
  http: Server
  traffic: Traffic
  series: FleetSeries
}

/** What is built over an open catalog and storage, each from those before it. */
async function composeParts(
  surroundings: Surroundings,
  known: ComposedCatalog,
  access: ComposedTokens,
  storage: ComposedStorage,
  tls: ComposedTls,
): Promise<Parts> {
  const { config, logger, clock, machineClock, storeMetrics } = surroundings
  const { current, isLost: isCatalogLost } = known
  const housekeeper = await composeHousekeeping(surroundings, known)
  const { housekeeping } = housekeeper
  // Files belong to one server, whose lock on its data directory is enough.
  const isShared = known.group !== undefined && storage.lease !== undefined
  const audit = composeAudit(surroundings, known, housekeeping)
  const blobs = await composeBlobs(surroundings, known, storage)
  const fleet = await composeFleet(surroundings, known, access, housekeeping)
  const publishing = await composePublishing(surroundings, known, blobs, fleet, isShared)
  const upkeep = await composeUpkeep(surroundings, {
    ...{ publishing, blobs, fleet, housekeeping, isCatalogLost, isShared },
  })
  const buckets = await composeBuckets(config, { ...publishing, current, logger, housekeeping }, storeMetrics)
  const backups = composeBackups(config, storage, { ...publishing, logger, housekeeping })
  const inbox = await composeInbox(config, { ...publishing, logger, machineClock })
  const webhooks = composeWebhooks({
    ...{ config, logger, clock, housekeeping, catalog: known.catalog, isCatalogLost },
  })
  surroundings.health.onStorageRecovered(() => {
    backups.storeRecovered()
  })
  current.onChange(() => {
    backups.modelsChanged()
    buckets.tagsMoved()
  })
  const answering = composeHttp(surroundings, {
    ...{ publishing, access, audit, blobs, fleet, upkeep, webhooks, backups, group: known.group },
    ...{ storageName: storage.name, listExports: buckets.listExports },
    readings: [...buckets.readings, ...blobs.readings, ...backups.readings],
    tls: tls.options,
  })
  return { housekeeper, audit, blobs, fleet, upkeep, buckets, backups, inbox, webhooks, ...answering }
}
