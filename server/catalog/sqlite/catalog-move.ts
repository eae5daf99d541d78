import { randomUUID } from 'node:crypto'
import Database, { type Database as Connection } from 'better-sqlite3'
import { SQLITE_NOW_TEXT as NOW } from '../sql/sqlite-clock.ts'
import { MOVE_LEASE, MOVED_FOR_GOOD } from './find-move.ts'

/** Milliseconds for which the lease is good after each renewal, and between renewals. */
const DURATION_MS = 15_000
const RENEWAL_MS = 5_000

interface MoveRow {
  readonly holder: string
  readonly place: string
  readonly host: string
  readonly until: number
  readonly isGood: number
}

/**
 * Keeps a catalog from being changed while it is moved, whether a server runs over it or not: a row that each write looks at within
 * its transaction. It ends by itself where this program does, unless the move was concluded.
 */
export class CatalogMove {
  /** Of this move: that of the one that was concluded before, which this one does once more. */
  readonly id: string
  /** Where the one went that was concluded before, whether all of it is there or not; undefined: there was none. */
  readonly concludedTo: string | undefined
  readonly #connection: Connection
  #timer: NodeJS.Timeout | undefined
  #version: unknown

  /** @param file A catalog that has leases. */
  constructor(file: string) {
    this.#connection = new Database(file, { fileMustExist: true, timeout: 10_000 })
    // The server that runs over it moves its write-ahead log into the file, and notices when another program does.
    this.#connection.pragma('wal_autocheckpoint = 0')
    this.#connection.pragma('synchronous = full')
    const found = this.#read()
    const isConcluded = found?.until === MOVED_FOR_GOOD
    this.concludedTo = isConcluded ? found.place : undefined
    this.id = isConcluded ? found.holder : randomUUID()
  }

  /**
   * Takes the catalog. What was written before is there; nothing is written from now on. One that was moved for good stays so, whatever
   * becomes of this: the database may have it, or be about to.
   *
   * @param to For people.
   * @returns where another program moves it already, or did: to where, its host, and what changes when that shows that it runs.
   */
  take(to: string, host: string): { to: string; host: string; sign: number } | undefined {
    const obstacle = this.#immediately(() => {
      const found = this.#read()
      if (found?.until === MOVED_FOR_GOOD && found.holder === this.id) return undefined
      if (found?.isGood === 1) return { to: found.place, host: found.host, sign: found.until }
      this.#connection
        .prepare(
          `insert into leases (name, holder, place, host, epoch, until) values (?, ?, ?, ?, 1, ${NOW} + ${DURATION_MS})
            on conflict (name) do update set holder = excluded.holder, place = excluded.place, host = excluded.host,
              epoch = leases.epoch + 1, until = excluded.until`,
        )
        .run(MOVE_LEASE, this.id, to, host)
      return undefined
    })
    if (obstacle !== undefined) return obstacle
    this.#version = this.#connection.pragma('data_version', { simple: true })
    if (this.concludedTo !== undefined) return undefined
    this.#timer = setInterval(() => {
      this.#renew()
    }, RENEWAL_MS).unref()
    return undefined
  }

  /**
   * Takes no write any more, for good: the last step before the database has the catalog.
   *
   * @returns false where somebody wrote meanwhile, or took the lease.
   */
  conclude(): boolean {
    clearInterval(this.#timer)
    return this.#immediately(() => {
      if (this.#connection.pragma('data_version', { simple: true }) !== this.#version) return false
      return this.#setUntil(String(MOVED_FOR_GOOD), `and until >= ${NOW}`)
    })
  }

  /** Lets the catalog be changed again; nothing where another program has taken it since, or it was moved for good before. */
  giveUp(): void {
    clearInterval(this.#timer)
    if (this.concludedTo === undefined) this.#setUntil('0')
  }

  close(): void {
    clearInterval(this.#timer)
    this.#connection.close()
  }

  #renew(): void {
    try {
      this.#setUntil(`${NOW} + ${DURATION_MS}`)
    } catch {
      // It is looked at once more before the move is concluded.
    }
  }

  #setUntil(until: string, condition = ''): boolean {
    return (
      this.#connection
        .prepare(`update leases set until = ${until} where name = ? and holder = ? ${condition}`)
        .run(MOVE_LEASE, this.id).changes > 0
    )
  }

  #read(): MoveRow | undefined {
    return this.#connection
      .prepare<[string], MoveRow>(
        `select holder, place, host, until, until >= ${NOW} as isGood from leases where name = ?`,
      )
      .get(MOVE_LEASE)
  }

  #immediately<Result>(work: () => Result): Result {
    return this.#connection.transaction(work).immediate()
  }
}
