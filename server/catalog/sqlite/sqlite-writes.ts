import type { Database as Connection } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { KeyedMutex } from '../../../concurrency/keyed-mutex.ts'
import { DomainError } from '../../errors/errors.ts'
import type { CatalogWriter } from '../catalog.ts'
import { CatalogMoving } from '../moving.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { progressWriter } from '../sql/progress.ts'
import { catalogWriter } from '../sql/sql-catalog.ts'
import type { CatalogPlace } from './catalog-place.ts'
import { refuseWhileMoving } from './find-move.ts'
import { RefusedWrites, type RefusedWritesOptions } from './refused-writes.ts'
import { requireSameContents } from './require-same-contents.ts'
import { isDamaged, isOutcomeUnknown } from './sqlite-error.ts'

/** Writes come one after another, whatever they are about. */
const ALL = 'all'

/**
 * The writes of a catalog in SQLite, one after another.
 *
 * A commit whose sync failed leaves open what the disk holds. Writes are refused then, and tried again by themselves. A damaged
 * file takes no writes until a backup is restored: a write might spread the damage.
 */
export class SqliteWrites {
  readonly #db: Kysely<CatalogTables>
  readonly #connection: Connection
  readonly #place: CatalogPlace
  readonly #lock = new KeyedMutex()
  readonly #refused: RefusedWrites

  /**
   * @param connection What `db` works over.
   * @param place Where its files lie.
   */
  constructor(
    db: Kysely<CatalogTables>,
    connection: Connection,
    place: CatalogPlace,
    options: RefusedWritesOptions,
  ) {
    this.#db = db
    this.#connection = connection
    this.#place = place
    const trial = {
      alone: (work: () => Promise<void>) => this.#lock.run(ALL, work),
      rewrite: () => this.#rewrite(),
      requireStill: () => refuseWhileMoving(db),
    }
    this.#refused = new RefusedWrites(trial, options)
  }

  /** Runs `work` in a transaction; what it wrote is on disk when this resolves. */
  run<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#lock.run(ALL, async () => {
      if (this.#refused.refusal !== undefined) throw this.#refused.refusal
      await this.#requireUntouched()
      try {
        return await this.#commit((db) => work(catalogWriter(db)))
      } catch (error) {
        if (error instanceof CatalogMoving) this.#refused.pauseWhileMoving(error)
        else if (isOutcomeUnknown(error)) this.#refused.suspend(error)
        throw error
      }
    })
  }

  /** Looks whether the file is as it was left, without waiting for a write that would find out. Never rejects. */
  async look(): Promise<void> {
    await this.#lock
      .run(ALL, async () => {
        if (this.#refused.refusal !== undefined || this.#refused.isClosed) return
        await this.#requireUntouched()
        await refuseWhileMoving(this.#db)
      })
      .catch((error: unknown) => {
        if (error instanceof CatalogMoving) this.#refused.pauseWhileMoving(error)
      })
  }

  /** Looks at a failure of any statement: one that tells of a damaged file ends all writes. */
  noticeFailure(error: unknown): void {
    if (!this.#refused.isDamaged && isDamaged(error)) this.#refused.endForGood(error)
  }

  /** Waits for the writes that had begun, then has `close` done; later ones reject. */
  async close(close: () => void): Promise<void> {
    this.#refused.close()
    await this.#lock.run(ALL, () => {
      close()
      return Promise.resolve()
    })
  }

  async #commit<Result>(work: (db: Kysely<CatalogTables>) => Promise<Result>): Promise<Result> {
    const result = await this.#db.transaction().execute(async (db) => {
      await refuseWhileMoving(db)
      return await work(db)
    })
    assertFullSync(this.#connection)
    this.#requireInPlace()
    this.#place.noteOwnChange()
    return result
  }

  async #requireUntouched(): Promise<void> {
    this.#requireInPlace()
    if (!this.#connection.open || !this.#place.wasTouched()) return
    try {
      await requireSameContents(this.#place.file, this.#connection)
      this.#place.noteOwnChange()
    } catch (error) {
      this.noticeFailure(error)
      throw this.#refused.refusal ?? error
    }
  }

  #requireInPlace(): void {
    // Closed, its files may go, and what is asked of it fails by itself.
    if (!this.#connection.open) return
    try {
      this.#place.require()
    } catch (error) {
      this.#refused.suspendWhileMisplaced(error as DomainError)
      throw error
    }
  }

  /**
   * Shows that the disk stores what it is given. Every commit that the log still holds was synced when it was made; what the
   * failed one left is beyond the log's end and overwritten by the next. Moving the log into the file writes and syncs those
   * pages anew, so that nothing rests on a page that the kernel dropped.
   */
  async #rewrite(): Promise<void> {
    this.#place.require()
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(this.#db)
    if (rows[0]?.busy !== 0) throw new DomainError('catalog-busy', 'Another program reads the catalog.')
    const begunAt = new Date().toISOString()
    await this.#commit((db) =>
      progressWriter(db).saveTaskProgress('write-probe', { position: '', begunAt, completedAt: begunAt }),
    )
  }
}

/** @throws DomainError `catalog-unavailable` where a commit may be lost when the power goes. */
export function assertFullSync(connection: Connection): void {
  if (connection.pragma('synchronous', { simple: true }) === 2) return
  throw new DomainError(
    'catalog-unavailable',
    'The catalog does not sync its writes to disk (synchronous=FULL).',
  )
}
