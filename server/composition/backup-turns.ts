import type { Catalog } from '../catalog/catalog.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import type { Clock } from '../time/clock.ts'
import { BACKUP_TASK } from '../tools/backup/backup-task.ts'

/** A backup that failed is tried again after so long, or after the interval, where that is less. */
const RETRY_MS = 10 * 60_000

export interface BackupTurnsDependencies {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly housekeeping: Housekeeping
}

/** A backup that this server is to take. */
interface BackupTurn {
  /** Aborts where another server may take it. */
  readonly signal: AbortSignal
  /** Has the others know that it was taken. */
  taken(): Promise<void>
}

/** Which of several servers takes a backup, and when: the housekeeper, an interval after the last one, whoever took that. */
export class BackupTurns {
  readonly #dependencies: BackupTurnsDependencies
  #attemptedAt: number | undefined
  #lastTakenAt: number | undefined

  constructor(dependencies: BackupTurnsDependencies) {
    this.#dependencies = dependencies
  }

  /** When the last backup was taken by any of the servers, as far as {@link next} knew; milliseconds since 1970. */
  get lastTakenAt(): number | undefined {
    return this.#lastTakenAt
  }

  /**
   * @returns undefined where none is due, or another server is to take it.
   * @throws what the catalog throws where one is due, as far as is known: not at each look, but as often as a backup is tried.
   */
  async next(intervalMilliseconds: number): Promise<BackupTurn | undefined> {
    const { catalog, clock, housekeeping } = this.#dependencies
    const failure = await this.#look()
    const { term } = housekeeping
    const now = clock.now()
    const isDue = hasPassed(intervalMilliseconds, this.#lastTakenAt, now)
    const mayTry = hasPassed(Math.min(RETRY_MS, intervalMilliseconds), this.#attemptedAt, now)
    if (term === undefined || !isDue || !mayTry) return undefined
    this.#attemptedAt = now
    if (failure !== undefined) throw failure
    return {
      signal: term.signal,
      taken: async () => {
        const instant = new Date(now).toISOString()
        const progress = { position: '', begunAt: instant, completedAt: instant }
        await term.fence(catalog).writeShared((writer) => writer.saveTaskProgress(BACKUP_TASK, progress))
        this.#attemptedAt = undefined
        this.#lastTakenAt = now
      },
    }
  }

  /** Looks when the last one was taken. @returns why that is not known. */
  async #look(): Promise<Error | undefined> {
    try {
      const completedAt =
        (await this.#dependencies.catalog.findTaskProgress(BACKUP_TASK))?.completedAt ?? undefined
      this.#lastTakenAt = completedAt === undefined ? undefined : Date.parse(completedAt)
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** Whether so long has passed since a moment; one of the future is of a clock that was wrong. */
function hasPassed(milliseconds: number, since: number | undefined, now: number): boolean {
  return since === undefined || now < since || now - since >= milliseconds
}
