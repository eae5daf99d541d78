import type { StatusWarning } from '../../protocol/status.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { lockBlobs } from '../catalog/sqlite/backup-lock.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { Reading } from '../http/operate/metrics.ts'
import type { ChangeDependencies } from '../releases/change-model.ts'
import type { PublishDependencies } from '../releases/publish-model.ts'
import { CLAIM_MS } from '../releases/claimed-blobs.ts'
import { repeat } from '../time/repeat.ts'
import { standardReserve } from '../upkeep/disk-space.ts'
import { sharedRemoval, soleRemoval } from '../upkeep/remove-blobs.ts'
import { SCHEDULES, Upkeep } from '../upkeep/upkeep.ts'
import { VerificationRun } from '../upkeep/verification-run.ts'
import { warningsOf } from '../upkeep/warnings.ts'
import type { ComposedBallast } from './compose-ballast.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedFleet } from './compose-fleet.ts'
import type { Surroundings } from './surroundings.ts'
import { upkeepReadings } from './readings/upkeep-readings.ts'

/** How often room that was given up is looked for again. */
const BALLAST_MILLISECONDS = 10 * 60_000

/** How often other servers are told which unused blobs somebody still reads here. */
const CLAIM_READS_MS = 5_000

/** What the server does so that it can be left alone. */
export interface ComposedUpkeep {
  verification: VerificationRun
  readings: Reading[]
  /** What somebody should look at now. */
  warnings(): Promise<StatusWarning[]>
  start(): void
  stop(): Promise<void>
}

/** What upkeep works on. */
export interface UpkeepParts {
  publishing: PublishDependencies & ChangeDependencies
  blobs: ComposedBlobs
  room: ComposedBallast
  fleet: ComposedFleet
  housekeeping: Housekeeping
  isCatalogLost: () => boolean
  /** Whether other servers store and delete the same blobs. */
  isShared: boolean
}

/** Puts together pruning, sweeping, scrubbing, and what watches disk and clock. */
export function composeUpkeep(surroundings: Surroundings, parts: UpkeepParts): ComposedUpkeep {
  const { publishing, room, fleet, housekeeping, isCatalogLost, isShared } = parts
  const { verified, damaged } = parts.blobs
  const { ballast, urgentCatalog } = room
  const { config, logger, readSpace } = surroundings
  const stopping = new AbortController()
  const takeBallast = async (): Promise<undefined> => {
    await ballast.take()
  }
  const { catalog } = publishing
  const reads = { isBeingRead: (digest: string) => Promise.resolve(verified.isBeingRead(digest)) }
  const removing = { ...publishing, catalog: urgentCatalog, reads }
  const removalOver = (over: Catalog) =>
    isShared ? sharedRemoval({ ...removing, catalog: over }) : soleRemoval({ ...removing, catalog: over })
  const claimReads = async (): Promise<undefined> => {
    const digests = verified.beingRead()
    if (digests.length > 0) await catalog.writeShared((writer) => writer.claimUnusedBlobs(digests, CLAIM_MS))
  }
  const upkeep = new Upkeep(
    {
      ...publishing,
      catalog: urgentCatalog,
      logger,
      housekeeping,
      verifier: verified,
      fleet: fleet.keeper,
      judge: fleet.judge,
      removalOver,
      backupLock: { tryHold: () => lockBlobs(config.dataDir) },
      readSpace,
      isCatalogLost,
      retention: config.retention,
      graceMilliseconds: config.graceMilliseconds,
      scrub: config.scrub,
    },
    // An empty catalog over a full storage is told at once.
    publishing.current.size === 0 ? { orphans: { ...SCHEDULES.orphans, first: 0 } } : {},
  )
  const verification = new VerificationRun({
    catalog,
    clock: publishing.clock,
    verifier: verified,
    onFailure: (error) => {
      logger.error({ err: error }, 'verification_failed')
    },
  })
  return {
    verification,
    readings: upkeepReadings(upkeep.counts, damaged, isCatalogLost, readSpace),
    warnings: () => readWarnings(surroundings, { publishing, damaged, room, upkeep, isCatalogLost }),
    start() {
      void repeat({ first: 0, every: BALLAST_MILLISECONDS }, stopping.signal, takeBallast, () => undefined)
      if (isShared) {
        const schedule = { first: CLAIM_READS_MS, every: CLAIM_READS_MS }
        void repeat(schedule, stopping.signal, claimReads, () => undefined)
      }
      upkeep.start()
    },
    async stop() {
      stopping.abort(new Error('The server stops'))
      await Promise.all([verification.stop(), upkeep.stop()])
    },
  }
}

interface WarningParts {
  publishing: PublishDependencies
  damaged: ComposedBlobs['damaged']
  room: Pick<ComposedBallast, 'missingRoom'>
  upkeep: Upkeep
  isCatalogLost: () => boolean
}

/** Looks at disk, storage and catalog for what somebody should look at now. */
async function readWarnings(
  { config, health, readSpace }: Surroundings,
  { publishing, damaged, room, upkeep, isCatalogLost }: WarningParts,
): Promise<StatusWarning[]> {
  const space = await readSpace()
  const free = await publishing.blobs.freeBytes()
  const reserve = config.minFreeBytes ?? standardReserve(space)
  const uploads = free === undefined ? undefined : { free, reserve }
  const state = health.readiness()
  const refusal = state.ready || state.code === 'shutting-down' ? undefined : state
  const { unknownBlobs } = upkeep
  return warningsOf({
    space,
    uploads,
    refusal,
    missingRoom: await room.missingRoom(),
    unknownBlobs,
    damagedBlobs: damaged.size,
    isCatalogLost: isCatalogLost(),
  })
}
