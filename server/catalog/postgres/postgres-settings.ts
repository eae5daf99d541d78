/** How libpq's `sslmode` is to be taken (https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION). */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type SslMode = (typeof SSL_MODES)[number]

/** Where the catalog lies in Postgres, and as whom it is used: what DATABASE_URL says. */
export interface PostgresSettings {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** Absent: what PGPASSWORD or ~/.pgpass say. */
  readonly password?: string
  readonly sslMode: SslMode
  /** A file of certificates to trust, or `system`: those that Node trusts. */
  readonly sslRootCert?: string
  /** Files of the certificate and the key that this server shows. */
  readonly sslCert?: string
  readonly sslKey?: string
  /** Command-line options for the session, such as `-c search_path=slipway`. */
  readonly options?: string
  /** What the database's own lists call this server. */
  readonly applicationName: string
}

/** Milliseconds that something in Postgres may take. */
export interface PostgresLimits {
  /** Until a connection is open. */
  readonly connect: number
  /** A statement, by the database. */
  readonly statement: number
  /** A lock that another transaction holds, by the database. */
  readonly lock: number
  /** A transaction without a statement, by the database: a server that was stopped holds no lock for longer. */
  readonly idle: number
  /** A statement, by this side: a database that is stopped answers nothing. */
  readonly answer: number
  /** What became of a COMMIT whose answer was lost is looked up for so long. */
  readonly lookUp: number
}

export const STANDARD_LIMITS: PostgresLimits = {
  connect: 5_000,
  statement: 10_000,
  lock: 5_000,
  idle: 10_000,
  answer: 12_000,
  lookUp: 20_000,
}

/** Of whoever copies a whole catalog: a statement may be about all rows of a table. */
export const WHOLE_CATALOG_LIMITS: PostgresLimits = {
  ...STANDARD_LIMITS,
  statement: 120_000,
  idle: 60_000,
  answer: 125_000,
}

/** The database as people call it, without the password. */
export function describeDatabase({ user, host, port, database }: PostgresSettings): string {
  const place = host.startsWith('/')
    ? `${host}:${port}`
    : `${host.includes(':') ? `[${host}]` : host}:${port}`
  return `postgres://${user}@${place}/${database}`
}
