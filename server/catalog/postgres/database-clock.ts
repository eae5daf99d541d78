import { sql } from 'kysely'

/** Milliseconds since 1970, by the clock of the database, whatever the clocks of servers say. */
export const NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`

/**
 * When the program of the database began, to the microsecond, as text. It tells one database from another to which servers are failed over, and
 * which may give numbers of transactions and of changes again: a standby that takes over began at another time.
 */
export const BEGAN = sql<string>`extract(epoch from pg_postmaster_start_time())::text`

/** {@link BEGAN} of the database that answers; null: it is a standby, which is behind, and may take in yet what it lacks. */
export const ANSWERING = sql<string | null>`case when not pg_is_in_recovery() then ${BEGAN} end`
