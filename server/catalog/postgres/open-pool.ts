import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { Client, CustomTypesConfig, Pool, PoolConfig } from 'pg'
import type { PostgresLimits, PostgresSettings } from './postgres-settings.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'

/** Opens connections to a database; which of several ways `sslmode` allows was found out. */
export interface Connector {
  pool(max: number): Pool
  /** A connection of its own, not yet open. */
  client(): Client
}

/**
 * Finds out how to connect, by connecting.
 *
 * @throws PostgresMisconfigured where files of certificates cannot be read; what pg throws where the database cannot be reached.
 */
export async function findConnector(settings: PostgresSettings, limits: PostgresLimits): Promise<Connector> {
  const options = await encryptionOptions(settings)
  for (const [index, ssl] of options.entries()) {
    const config = configOf(settings, limits, ssl)
    try {
      await tryToConnect(config)
      return {
        pool: (max) => new pg.Pool({ ...config, max, idleTimeoutMillis: 60_000 }),
        client: () => new pg.Client(config),
      }
    } catch (error) {
      if (index === options.length - 1 || !mayBeForSsl(error)) throw error
    }
  }
  throw new Error('There is no way to connect')
}

async function tryToConnect(config: PoolConfig): Promise<void> {
  const client = new pg.Client(config)
  // What happens after the connection failed to open has been told.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } finally {
    void client.end().catch(() => undefined)
  }
}

function configOf(
  settings: PostgresSettings,
  limits: PostgresLimits,
  ssl: ConnectionOptions | false,
): PoolConfig {
  const { host, port, database, user, password, options, applicationName } = settings
  return {
    ...{ host, port, database, user, ssl, application_name: applicationName },
    ...(password === undefined ? {} : { password }),
    ...(options === undefined ? {} : { options }),
    ...{ connectionTimeoutMillis: limits.connect, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
    types,
  }
}

const standardParser = pg.types.getTypeParser as (oid: number, format?: string) => unknown

/** Numbers of 64 bits come as numbers: none of the catalog's grows beyond 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: string) =>
    oid === INT8 || oid === NUMERIC
      ? Number
      : standardParser(oid, format)) as CustomTypesConfig['getTypeParser'],
}

const INT8 = 20
const NUMERIC = 1700

/** What libpq tries for each `sslmode`, in its order. */
async function encryptionOptions(settings: PostgresSettings): Promise<(ConnectionOptions | false)[]> {
  const { host, sslMode, sslRootCert } = settings
  if (sslMode === 'disable' || host.startsWith('/')) return [false]
  const clientCertificate = {
    ...(settings.sslCert === undefined ? {} : { cert: await readPem('sslcert', settings.sslCert) }),
    ...(settings.sslKey === undefined ? {} : { key: await readPem('sslkey', settings.sslKey) }),
  }
  const unchecked: ConnectionOptions = { ...clientCertificate, rejectUnauthorized: false }
  switch (sslMode) {
    case 'allow':
      return [false, unchecked]
    case 'prefer':
      return [unchecked, false]
    case 'require':
      // As libpq: a file of certificates to trust is a wish to trust no others.
      if (sslRootCert === undefined) return [unchecked]
      return [{ ...clientCertificate, ...(await trusted(settings)), checkServerIdentity: skipHostnameCheck }]
    case 'verify-ca':
      return [{ ...clientCertificate, ...(await trusted(settings)), checkServerIdentity: skipHostnameCheck }]
    case 'verify-full':
      return [{ ...clientCertificate, ...(await trusted(settings)) }]
  }
}

const skipHostnameCheck = (): undefined => undefined

async function trusted({ sslRootCert }: PostgresSettings): Promise<ConnectionOptions> {
  if (sslRootCert === 'system') return { rejectUnauthorized: true }
  const file = sslRootCert ?? path.join(homedir(), '.postgresql', 'root.crt')
  return { rejectUnauthorized: true, ca: await readPem('sslrootcert', file) }
}

async function readPem(parameter: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PostgresMisconfigured(
      `${parameter} names a file that cannot be read (${reason}); name one that can, or set sslrootcert=system`,
      { cause },
    )
  }
}

/** Whether the other of two ways may succeed: the database has no encryption, or wants it. */
function mayBeForSsl(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isWithoutSsl = /does not support SSL|EPROTO|ECONNRESET/.test(`${error.message} ${codeOf(error)}`)
  // invalid_authorization_specification: no entry of pg_hba.conf for this host with, or without, encryption.
  return isWithoutSsl || codeOf(error) === '28000'
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}
