import { sql } from 'kysely'

/** Milliseconds since 1970 by SQLite, as database-clock.ts has them of Postgres: claims and leases are compared by the same clock. */
export const SQLITE_NOW = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
