import { sql, type Kysely, type Transaction } from 'kysely'
import type { DomainError } from '../../errors/errors.ts'
import type { CatalogTables } from '../sql/catalog-tables.ts'
import { ANSWERING, NOW } from './database-clock.ts'
import { MOVE_COLUMNS, refusalOfMove, type MoveColumns } from './moved-away.ts'
import { takesNoWrites } from './postgres-error.ts'
import { SHARE_SERVER_LEASE, supersededServer } from './server-lease.ts'

/**
 * Makes sure, inside a transaction, that a program may change the catalog: a server is registered, and stays so until the transaction
 * has ended, nobody moves the catalog elsewhere until then, and the database takes writes.
 *
 * The lock comes first, and what is read is read by a statement of its own: it sees what whoever had the lock before has committed.
 *
 * @param server Its id; undefined: a tool that may run beside servers.
 * @throws DomainError `catalog-unavailable`
 */
export async function requireMayWrite(
  transaction: Transaction<CatalogTables>,
  server: string | undefined,
): Promise<void> {
  const self = sql.lit(server ?? '')
  const [lock, isRegistered] =
    server === undefined
      ? [SHARE_SERVER_LEASE, sql`true`]
      : [
          sql`select id from servers where id = ${self} for key share;`,
          sql`exists (select from servers where id = ${self})`,
        ]
  // One message, one answer: that of its last statement.
  const { rows } = await sql<MoveColumns & { isRegistered: boolean; isReadOnly: boolean }>`${lock}
    select ${isRegistered} as "isRegistered", coalesce(${DECLARED_READ_ONLY}, false) as "isReadOnly",
      ${MOVE_COLUMNS}`.execute(transaction)
  const [found] = rows
  if (found?.isRegistered !== true) throw supersededServer()
  const moving = refusalOfMove(found)
  if (moving !== undefined) throw moving
  if (found.isReadOnly) throw takesNoWrites()
}

/** What a database says of itself. */
export interface DatabaseState {
  /** Its clock: milliseconds since 1970. */
  readonly now: number
  /**
   * Which one it is ({@link ANSWERING}). Undefined: it is a standby now, which is behind, and may take in yet what it lacks.
   */
  readonly began: string | undefined
  /** Why the catalog takes no writes now, whoever asks; undefined where it does. */
  readonly refusal: DomainError | undefined
}

/** Asks a database for its clock and whether the catalog takes writes: in one question, as each server asks it every second. */
export async function readDatabaseState(db: Kysely<CatalogTables>): Promise<DatabaseState> {
  const question = sql<
    MoveColumns & { now: number; began: string | null; isReadOnly: boolean }
  >`select ${NOW} as now, ${IS_READ_ONLY} as "isReadOnly", ${MOVE_COLUMNS},
    ${ANSWERING} as began`
  const { rows } = await question.execute(db)
  const [found] = rows
  if (found === undefined) return { now: NaN, began: undefined, refusal: undefined }
  return {
    now: found.now,
    began: found.began ?? undefined,
    refusal: refusalOfMove(found) ?? (found.isReadOnly ? takesNoWrites() : undefined),
  }
}

/**
 * What ALTER DATABASE and ALTER ROLE say now of whether transactions are read-only; null: nothing. A session that was open before keeps what
 * it began with. Of several the one counts that a new session would have (https://www.postgresql.org/docs/current/sql-alterrole.html).
 */
const DECLARED_READ_ONLY = sql<boolean | null>`(select split_part(setting, '=', 2)::boolean
  from pg_db_role_setting, unnest(setconfig) as setting
  where setting like 'default_transaction_read_only=%'
    and setdatabase in (0, (select oid from pg_database where datname = current_database()))
    and setrole in (0, (select oid from pg_roles where rolname = session_user))
  order by setrole <> 0 desc, setdatabase <> 0 desc limit 1)`

/** Whatever the session that asks began with; settings of the whole server are always those of now. */
const IS_READ_ONLY = sql<boolean>`(pg_is_in_recovery() or coalesce(${DECLARED_READ_ONLY},
  (select setting::boolean and source not in ('global', 'database', 'user', 'database user')
    from pg_settings where name = 'default_transaction_read_only')))`
