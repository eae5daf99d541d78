import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Catalog } from '../catalog/catalog.ts'
import { listEveryModel } from '../catalog/list-every-model.ts'
import { clockJump, type TimeReading } from '../time/clock-jump.ts'
import type { BlobRemoval } from '../coordination/blob-removal.ts'
import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'
import type { BlobVerifier } from '../blobs/blob-verifier.ts'
import type { RetentionPolicy } from './retention.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import { pruneReleases, type PruneDependencies } from './prune-releases.ts'
import { scrubNext } from './scrub-storage.ts'
import { deleteUnusedBlobs, noteOrphans, type SweepDependencies } from './sweep-blobs.ts'
import type { BlobFinding } from './verify-blobs.ts'
import { repeat, type Schedule } from '../time/repeat.ts'
import { DISK_WARNING, usedShare } from './warnings.ts'
import type { DiskSpace } from './disk-space.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** When each task is done. */
export const SCHEDULES = {
  // "Last-seen times in batches of at most 5 s" (docs/rollouts.md).
  fleet: { first: 5 * SECOND, every: 5 * SECOND },
  forgetting: { first: HOUR, every: HOUR },
  orphans: { first: 30 * SECOND, every: DAY },
  sweep: { first: 5 * MINUTE, every: 10 * MINUTE },
  // Not at once: after a long time off, bots must have a chance to say what they run.
  retention: { first: HOUR, every: HOUR },
  scrub: { first: MINUTE, every: MINUTE },
  disk: { first: 0, every: MINUTE },
  clock: { first: 0, every: 10 * SECOND },
} as const satisfies Record<string, Schedule>

/** After the clock was set, ages are wrong until bots were seen again: nothing is deleted for its age meanwhile. */
const PAUSE_MILLISECONDS = DAY

export interface UpkeepDependencies extends PruneDependencies, Omit<SweepDependencies, 'removal'> {
  fleet: Pick<FleetTracker, 'tick' | 'save'> & {
    /** Drops what is older than is to be kept, unless another server has the term by then. */
    forgetOld(term: HousekeepingTerm): Promise<void>
  }
  /** How blobs are deleted whose going is written down in a catalog. */
  removalOver: (catalog: Catalog) => BlobRemoval
  /** Judges rollouts: at the same pace as silence is looked for. */
  judge: { judgeAll(): Promise<void> }
  logger: Logger
  verifier: BlobVerifier
  /** Whether this server does what one does for all. */
  housekeeping: Housekeeping
  readSpace: () => Promise<DiskSpace>
  retention: RetentionPolicy | undefined
  graceMilliseconds: number
  scrub: boolean
  /** Whether the catalog is damaged, which may be found at any time: nothing is done then that needs it. */
  isCatalogLost: () => boolean
}

/** What a task of the housekeeper works with: nothing is written through it once another server has the term. */
type TaskDependencies = UpkeepDependencies & Pick<SweepDependencies, 'removal'>

/** What the scrubber's findings are called in the log. */
const FINDING_EVENTS: Partial<Record<BlobFinding['outcome'], string>> = {
  damaged: 'bitrot',
  missing: 'blob_missing',
  unreadable: 'blob_read_error',
}

/** What upkeep has done since the start, for metrics. */
export interface UpkeepCounts {
  scrubbedBlobs: number
  scrubbedBytes: number
  prunedReleases: number
  deletedBlobs: number
}

/** What a server does beside answering, so that it can be left alone for a year. */
export class Upkeep {
  readonly counts: UpkeepCounts = { scrubbedBlobs: 0, scrubbedBytes: 0, prunedReleases: 0, deletedBlobs: 0 }
  /** Stored archives that are left alone, as they are likelier another catalog's; 0: none. */
  unknownBlobs = 0
  readonly #dependencies: UpkeepDependencies
  readonly #schedules: Record<keyof typeof SCHEDULES, Schedule>
  readonly #stopping = new AbortController()
  #tasks: Promise<void>[] = []
  #lastReading: TimeReading | undefined
  #agesWrongUntil = 0
  #diskWarned = false

  constructor(
    dependencies: UpkeepDependencies,
    schedules: Partial<Record<keyof typeof SCHEDULES, Schedule>> = {},
  ) {
    this.#dependencies = dependencies
    this.#schedules = { ...SCHEDULES, ...schedules }
  }

  start(): void {
    const { retention, scrub } = this.#dependencies
    this.#begin('disk', () => this.#watchDisk())
    this.#begin('clock', () => {
      this.#checkClock()
      return Promise.resolve()
    })
    this.#begin('fleet', async () => {
      const { fleet, isCatalogLost, judge } = this.#dependencies
      fleet.tick()
      if (isCatalogLost()) return
      await fleet.save()
      await judge.judgeAll()
    })
    this.#beginHousekeeping('forgetting', async (_, { fleet }, term) => {
      if (!this.#areAgesWrong()) await fleet.forgetOld(term)
      return undefined
    })
    this.#beginHousekeeping('orphans', (signal, task) => this.#noteOrphans(signal, task))
    this.#beginHousekeeping('sweep', (signal, task) => this.#sweep(signal, task))
    if (retention !== undefined)
      this.#beginHousekeeping('retention', (signal, task) => this.#prune(retention, signal, task))
    if (scrub) this.#beginHousekeeping('scrub', (signal, task) => this.#scrub(signal, task))
  }

  /** Has all tasks end, and resolves when they have. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    await Promise.all(this.#tasks)
  }

  #begin(task: keyof typeof SCHEDULES, work: () => Promise<unknown>): void {
    const run = async (): Promise<number | undefined> => {
      const pause = await work()
      return typeof pause === 'number' ? pause : undefined
    }
    const repeated = repeat(this.#schedules[task], this.#stopping.signal, run, (error) => {
      this.#dependencies.logger.error({ err: error, task }, 'upkeep_failed')
    })
    this.#tasks.push(repeated)
  }

  /** A task that one server does for all: left out while another does it, and ended when its term does. */
  #beginHousekeeping(
    task: keyof typeof SCHEDULES,
    work: (
      signal: AbortSignal,
      dependencies: TaskDependencies,
      term: HousekeepingTerm,
    ) => Promise<number | undefined>,
  ): void {
    this.#begin(task, async () => {
      const { housekeeping, isCatalogLost } = this.#dependencies
      const { term } = housekeeping
      if (term === undefined || isCatalogLost()) return undefined
      try {
        const catalog = term.fence(this.#dependencies.catalog)
        const removal = this.#dependencies.removalOver(catalog)
        const signal = AbortSignal.any([this.#stopping.signal, term.signal])
        return await work(signal, { ...this.#dependencies, catalog, removal }, term)
      } catch (error) {
        // The next housekeeper goes on.
        if (!term.signal.aborted) throw error
        return undefined
      }
    })
  }

  async #noteOrphans(signal: AbortSignal, task: TaskDependencies): Promise<undefined> {
    const { orphans, unknown } = await noteOrphans(task, signal)
    if (unknown > 0 && unknown !== this.unknownBlobs)
      this.#dependencies.logger.error({ blobs: unknown }, 'blobs_unknown')
    this.unknownBlobs = unknown
    for (const digest of orphans) this.#dependencies.logger.warn({ digest }, 'orphan_found')
  }

  async #sweep(signal: AbortSignal, task: TaskDependencies): Promise<undefined> {
    const { graceMilliseconds, logger } = task
    let blobs = 0
    const onDeleted = (): void => {
      blobs++
    }
    try {
      await deleteUnusedBlobs({ ...task, onDeleted }, graceMilliseconds, signal)
    } finally {
      this.counts.deletedBlobs += blobs
      if (blobs > 0) logger.info({ blobs }, 'gc')
    }
  }

  async #prune(policy: RetentionPolicy, signal: AbortSignal, task: TaskDependencies): Promise<undefined> {
    const { catalog, logger } = task
    if (this.#areAgesWrong()) return
    for (const { model } of await listEveryModel(catalog)) {
      const { pruned } = await pruneReleases(task, { model, policy, dryRun: false, signal })
      this.counts.prunedReleases += pruned.length
      if (pruned.length > 0) logger.info({ model, releases: pruned.map(({ number }) => number) }, 'pruned')
    }
  }

  #scrub(signal: AbortSignal, task: TaskDependencies): Promise<number> {
    return scrubNext(
      {
        ...task,
        rest: (milliseconds) => delay(milliseconds, undefined, { signal, ref: false }),
        onFinding: (finding) => {
          this.#countFinding(finding)
        },
      },
      signal,
    )
  }

  #countFinding({ digest, size, outcome }: BlobFinding): void {
    this.counts.scrubbedBlobs++
    this.counts.scrubbedBytes += size
    const event = FINDING_EVENTS[outcome]
    if (event !== undefined) this.#dependencies.logger.error({ digest }, event)
  }

  async #watchDisk(): Promise<void> {
    const space = await this.#dependencies.readSpace()
    const isFilling = usedShare(space) >= DISK_WARNING
    // Once for each time that it fills: a line a minute would only fill it faster.
    if (isFilling && !this.#diskWarned) this.#dependencies.logger.warn({ ...space }, 'disk_filling')
    this.#diskWarned = isFilling
  }

  /** Whether the clock was set lately; it may have been since it was looked at last. */
  #areAgesWrong(): boolean {
    this.#checkClock()
    return performance.now() < this.#agesWrongUntil
  }

  #checkClock(): void {
    const now = { wall: this.#dependencies.clock.now(), monotonic: performance.now() }
    const jump = this.#lastReading === undefined ? 0 : clockJump(this.#lastReading, now)
    this.#lastReading = now
    if (jump !== 0) {
      this.#agesWrongUntil = now.monotonic + PAUSE_MILLISECONDS
      this.#dependencies.logger.warn({ seconds: Math.round(jump / SECOND) }, 'clock_jump')
    }
  }
}
