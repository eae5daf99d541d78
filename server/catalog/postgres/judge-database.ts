/** PostgreSQL 13 ended its support in November 2025. */
const OLDEST_VERSION = 140_000

/** What a database says of itself. */
export interface DatabaseFacts {
  /** `server_version_num`: 140005 is 14.5. */
  readonly version: number
  readonly versionText: string
  readonly encoding: string
  /** Where tables are made; null: nowhere. */
  readonly schema: string | null
  readonly isStandby: boolean
  readonly isReadOnly: boolean
}

/** Why a database cannot keep a catalog, as a sentence that says what to do; undefined where it can. */
export function refusalOf(facts: DatabaseFacts): string | undefined {
  const { version, versionText, encoding, schema, isStandby, isReadOnly } = facts
  if (version < OLDEST_VERSION) return `PostgreSQL ${versionText} is too old; use PostgreSQL 14 or later`
  if (isStandby) return 'the database is a standby, which takes no writes; name the primary'
  if (isReadOnly)
    return 'the database is read-only (default_transaction_read_only); make it writable, or name the primary'
  if (encoding !== 'UTF8')
    return `the database has the encoding ${encoding}; create one with: createdb --encoding=UTF8 --template=template0`
  if (schema === null) return 'search_path names no schema that exists; create it, or change search_path'
  return undefined
}
