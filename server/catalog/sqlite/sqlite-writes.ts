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
import { OverwrittenCatalog, requireSameContents } from './require-same-contents.ts'
import { isDamaged, isOutcomeUnknown } from './sqlite-error.ts'

/** Writes come one after another, whatever they are about. */
const ALL = 'all'

/** Milliseconds until a catalog whose disk failed is tried again: the first time, and at most. */
const PROBE = { firstMs: 1_000, longestMs: 60_000 }

/** Between two looks whether a catalog that is being moved takes writes again. */
const MOVE_LOOK_MS = 1_000

export interface SqliteWritesOptions {
  /** Milliseconds until writes are tried again after the disk failed one: the first time, and at most. */
  probe?: { firstMs: number; longestMs: number }
  /** Told when the catalog stops to take writes, with the reason, and with undefined when it takes them again. */
  onWritable?: (refusal: DomainError | undefined) => void
}

/**
 * The writes of a catalog in SQLite, one after another.
 *
 * A commit whose sync failed leaves open what the disk holds. Writes are refused then, and tried again by themselves, ever
 * more rarely. A damaged file takes no writes until a backup is restored: a write might spread the damage.
 */
export class SqliteWrites {
  readonly #db: Kysely<CatalogTables>
  readonly #connection: Connection
  readonly #place: CatalogPlace
  readonly #options: SqliteWritesOptions
  readonly #lock = new KeyedMutex()
  #refusal: DomainError | undefined
  #isDamaged = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param connection What `db` works over.
   * @param place Where its files lie.
   */
  constructor(
    db: Kysely<CatalogTables>,
    connection: Connection,
    place: CatalogPlace,
    options: SqliteWritesOptions,
  ) {
    this.#db = db
    this.#connection = connection
    this.#place = place
    this.#options = options
  }

  /** Runs `work` in a transaction; what it wrote is on disk when this resolves. */
  run<Result>(work: (catalog: CatalogWriter) => Promise<Result>): Promise<Result> {
    return this.#lock.run(ALL, async () => {
      if (this.#refusal !== undefined) throw this.#refusal
      await this.#requireUntouched()
      try {
        return await this.#commit((db) => work(catalogWriter(db)))
      } catch (error) {
        if (error instanceof CatalogMoving) this.#pauseWhileMoving(error)
        else if (isOutcomeUnknown(error)) this.#suspend(error)
        throw error
      }
    })
  }

  /** Looks whether the file is as it was left, without waiting for a write that would find out. Never rejects. */
  async look(): Promise<void> {
    await this.#lock
      .run(ALL, async () => {
        if (this.#refusal !== undefined || this.#isClosed) return
        await this.#requireUntouched()
        await refuseWhileMoving(this.#db)
      })
      .catch((error: unknown) => {
        if (error instanceof CatalogMoving) this.#pauseWhileMoving(error)
      })
  }

  /** Looks at a failure of any statement: one that tells of a damaged file ends all writes. */
  noticeFailure(error: unknown): void {
    if (this.#isDamaged || !isDamaged(error)) return
    this.#isDamaged = true
    clearTimeout(this.#timer)
    if (error instanceof OverwrittenCatalog) this.#refuse(error.message, error)
    else
      this.#refuse(
        'The catalog is damaged. Bots are served what it said last; nothing can be changed until a backup is restored: ' +
          'stop the server, then slipway restore.',
        error,
      )
  }

  /** Waits for the writes that had begun, then has `close` done; later ones reject. */
  async close(close: () => void): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
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
      throw this.#refusal ?? error
    }
  }

  #requireInPlace(): void {
    // Closed, its files may go, and what is asked of it fails by itself.
    if (!this.#connection.open) return
    try {
      this.#place.require()
    } catch (error) {
      if (this.#refusal === undefined) {
        this.#refusal = error as DomainError
        this.#options.onWritable?.(this.#refusal)
        this.#scheduleProbe((this.#options.probe ?? PROBE).firstMs)
      }
      throw error
    }
  }

  /**
   * After a failed sync the kernel may drop what it could not write and call the next sync a success (P. Larson et al.,
   * "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
   */
  #suspend(cause: unknown): void {
    this.#refuse(
      'The catalog takes no writes since its disk failed to store one. It is tried again by itself; look at the disk.',
      cause,
    )
    this.#scheduleProbe((this.#options.probe ?? PROBE).firstMs)
  }

  /** Takes writes again when the move was given up. */
  #pauseWhileMoving(refusal: CatalogMoving): void {
    if (this.#refusal !== undefined) return
    this.#noteMove(refusal)
    this.#lookWhetherItMoves()
  }

  #noteMove(refusal: CatalogMoving): void {
    if (this.#refusal?.message === refusal.message) return
    this.#refusal = refusal
    this.#options.onWritable?.(refusal)
  }

  #lookWhetherItMoves(): void {
    this.#timer = setTimeout(() => {
      void this.#lock.run(ALL, async () => {
        if (this.#isClosed || !(this.#refusal instanceof CatalogMoving)) return
        try {
          await refuseWhileMoving(this.#db)
          this.#refusal = undefined
          this.#options.onWritable?.(undefined)
        } catch (error) {
          if (error instanceof CatalogMoving) this.#noteMove(error)
          this.#lookWhetherItMoves()
        }
      })
    }, MOVE_LOOK_MS).unref()
  }

  #refuse(message: string, cause: unknown): void {
    this.#refusal = new DomainError('catalog-unavailable', message, {}, { cause })
    this.#options.onWritable?.(this.#refusal)
  }

  #scheduleProbe(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      void this.#lock.run(ALL, () => this.#probe(milliseconds))
    }, milliseconds).unref()
  }

  async #probe(waited: number): Promise<void> {
    if (this.#isClosed || this.#isDamaged) return
    try {
      await this.#rewrite()
    } catch {
      const { longestMs } = this.#options.probe ?? PROBE
      // The failure may have told of damage meanwhile.
      if (!this.#wasFoundDamaged()) this.#scheduleProbe(Math.min(waited * 2, longestMs))
      return
    }
    // A read beside it may have found damage meanwhile.
    if (this.#wasFoundDamaged()) return
    this.#refusal = undefined
    this.#options.onWritable?.(undefined)
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

  #wasFoundDamaged(): boolean {
    return this.#isDamaged
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
