import { sql, type Transaction } from 'kysely'
import type { FleetReader, FleetWriter, HeardMark } from '../fleet.ts'
import type { CatalogDb, CatalogTables } from '../sql/catalog-tables.ts'
import { selectHeard } from '../sql/fleet-reader.ts'
import { BEGAN } from './database-clock.ts'

/**
 * Tells when processes were heard. Postgres keeps with each row which transaction wrote it last (the system column `xmin`,
 * https://www.postgresql.org/docs/current/ddl-system-columns.html), whatever version of Slipway did: so a look reads what was written
 * since the one before alone, without a column of ours.
 */
export function heardReader(db: CatalogDb): Pick<FleetReader, 'listHeard'> {
  return {
    async listHeard({ since, after, except = [] }) {
      // Before the rows are read: what is committed between is in this look, and in the next one again.
      const mark = await oldestUnderWay(db)
      // Behind a failover to a database that lacks the last transactions their numbers are given again: they tell nothing then.
      const isComparable = after?.database === mark.database && after.transaction <= mark.transaction
      const heard = await selectHeard(db, since)
        .$if(isComparable, (query) => query.where(isBehind((after ?? mark).transaction, except)))
        .execute()
      return { heard, mark }
    },
  }
}

/** Notes when processes were heard, and tells by which transaction. */
export function heardWriter(
  transaction: Transaction<CatalogTables>,
  { noteLastSeen }: Pick<FleetWriter, 'noteLastSeen'>,
): Pick<FleetWriter, 'noteLastSeen'> {
  return {
    async noteLastSeen(seen) {
      if (seen.length === 0) return undefined
      await noteLastSeen(seen)
      const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(transaction)
      return rows[0] && BigInt(rows[0].id)
    },
  }
}

/** The first transaction that may not have ended yet: whatever is written by an earlier one is there, or never will be. */
async function oldestUnderWay(db: CatalogDb): Promise<HeardMark> {
  const question = sql<{
    id: string
    began: string
  }>`select pg_snapshot_xmin(pg_current_snapshot())::text as id, ${BEGAN} as began`
  const { rows } = await question.execute(db)
  return { transaction: BigInt(rows[0]?.id ?? 0), database: rows[0]?.began ?? '' }
}

/**
 * Whether a row was written by that transaction or a later one, and by none of some others. A row has the lower 32 bits of its number
 * alone, which begin again: they are compared by how long ago that was. One that was written 2,000,000,000 transactions ago may be taken for new.
 */
function isBehind(after: bigint, except: readonly bigint[]) {
  const others = except.map(String)
  return sql<boolean>`age(xmin) <= age(${String(after)}::xid8::xid) and xmin <> all(${others}::xid8[]::xid[])`
}
