import { sql } from 'kysely'

/** Milliseconds since 1970, by the clock of the database, whatever the clocks of servers say. */
export const NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
