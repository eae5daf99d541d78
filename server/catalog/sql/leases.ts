import { sql, type RawBuilder } from 'kysely'
import { LeaseTaken, type LeaseWriter } from '../leases.ts'
import type { CatalogDb } from './catalog-tables.ts'
import { SQLITE_NOW } from './sqlite-clock.ts'

/** What databases say in words of their own. */
export interface LeaseDialect {
  /** Milliseconds since 1970. */
  readonly now: RawBuilder<number>
  /** Locks rows that were read, against everything and against being taken over. SQLite has one writer, and no words for it. */
  readonly forUpdate: RawBuilder<unknown>
  readonly forKeyShare: RawBuilder<unknown>
}

/** SQLite's words. */
const SQLITE_LEASES: LeaseDialect = {
  now: SQLITE_NOW,
  forUpdate: sql``,
  forKeyShare: sql``,
}

interface Lease {
  readonly holder: string
  readonly place: string
  readonly epoch: number
  readonly isGood: boolean | number
}

/** Changes leases in SQL, inside the transaction that it is given. */
export function leaseWriter(
  db: CatalogDb,
  { now, forUpdate, forKeyShare }: LeaseDialect = SQLITE_LEASES,
): LeaseWriter {
  return {
    async holdLease(name, { holder, place, host }, milliseconds) {
      await sql`insert into leases (name, holder, place, host, epoch, until) values (${name}, '', '', '', 0, 0)
        on conflict (name) do nothing`.execute(db)
      const { rows } = await sql<Lease>`select holder, place, epoch, until >= ${now} as "isGood" from leases
        where name = ${name} ${forUpdate}`.execute(db)
      const [found] = rows
      const isGood = Boolean(found?.isGood)
      const isOurs = found?.holder === holder
      const isEnded = place !== '' && found?.place === place
      if (found === undefined || (isGood && !isOurs && !isEnded)) return undefined
      const epoch = isGood && isOurs ? found.epoch : found.epoch + 1
      await sql`update leases set holder = ${holder}, place = ${place}, host = ${host}, epoch = ${epoch}, until = ${now} + ${sql.lit(milliseconds)}
        where name = ${name}`.execute(db)
      return epoch
    },

    async requireLease(name, holder, epoch) {
      const { rows } = await sql`select epoch from leases
        where name = ${name} and holder = ${holder} and epoch = ${epoch} ${forKeyShare}`.execute(db)
      if (rows.length === 0) throw new LeaseTaken()
    },

    async giveUpLease(name, holder, epoch) {
      await sql`update leases set until = 0
        where name = ${name} and holder = ${holder} and epoch = ${epoch}`.execute(db)
    },
  }
}
