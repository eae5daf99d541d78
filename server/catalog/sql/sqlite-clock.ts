import { sql } from 'kysely'

/** Milliseconds since 1970 by SQLite, as database-clock.ts has them of Postgres: claims and leases are compared by the same clock. */
export const SQLITE_NOW_TEXT = "cast(unixepoch('subsec') * 1000 as integer)"

/** @see SQLITE_NOW_TEXT */
export const SQLITE_NOW = sql.raw<number>(SQLITE_NOW_TEXT)
