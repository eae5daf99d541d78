import { userInfo } from 'node:os'
import { SSL_MODES, type PostgresSettings, type SslMode } from '../catalog/postgres/postgres-settings.ts'

/**
 * Reads DATABASE_URL as libpq reads a connection URI (https://www.postgresql.org/docs/current/libpq-connect.html).
 *
 * @param text `postgres://user:password@host:port/database?sslmode=…`
 * @param mistakes What is wrong with it is added here, without the password.
 * @returns undefined where something is.
 */
export function readDatabaseUrl(text: string, mistakes: string[]): PostgresSettings | undefined {
  const before = mistakes.length
  const refuse = (what: string) => {
    mistakes.push(`DATABASE_URL: ${what}`)
  }
  const url = /^postgres(ql)?:\/\//.test(text) ? parse(text) : undefined
  if (url === undefined) {
    refuse(
      `expected postgres://user:password@host:port/database, with special characters of the password percent-encoded (@ is %40, / is %2F, # is %23)`,
    )
    return undefined
  }
  const parameters = url.searchParams
  for (const name of new Set(parameters.keys())) {
    if (!PARAMETERS.includes(name))
      refuse(`there is no parameter ${name} here; there are ${PARAMETERS.join(', ')}`)
  }
  const sslRootCert = given(parameters.get('sslrootcert'))
  const sslMode = given(parameters.get('sslmode')) ?? (sslRootCert === 'system' ? 'verify-full' : 'prefer')
  if (!isSslMode(sslMode)) refuse(`sslmode is ${sslMode}; expected one of ${SSL_MODES.join(', ')}`)
  else if (sslRootCert === 'system' && sslMode !== 'verify-full')
    refuse(`sslrootcert=system needs sslmode=verify-full, and sslmode is ${sslMode}`)
  const user = decode(url.username) ?? userInfo().username
  const database = decode(url.pathname.slice(1)) ?? user
  const host = given(parameters.get('host')) ?? decode(url.hostname.replace(/^\[|\]$/g, '')) ?? 'localhost'
  if (host.includes(',')) refuse('names several hosts; name one, such as the address of the primary')
  const password = decode(url.password)
  if (mistakes.length > before || !isSslMode(sslMode)) return undefined
  const optional = {
    password,
    sslRootCert,
    sslCert: given(parameters.get('sslcert')),
    sslKey: given(parameters.get('sslkey')),
    options: given(parameters.get('options')),
  }
  return {
    ...{ host, port: url.port === '' ? 5432 : Number(url.port), database, user, sslMode },
    applicationName: given(parameters.get('application_name')) ?? 'slipway',
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<PostgresSettings>),
  }
}

const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'options', 'application_name']

function parse(given: string): URL | undefined {
  // With a user and the folder of a socket a host is left out, which a URL elsewhere does not allow.
  const text = given.replace(/^(postgres(?:ql)?:\/\/[^/@?]*@)(?=[/?])/, '$1localhost')
  const url = URL.canParse(text) ? new URL(text) : undefined
  const parts = url === undefined ? [] : [url.username, url.password, url.pathname, url.hostname]
  return parts.every(isDecodable) ? url : undefined
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function decode(text: string): string | undefined {
  return given(decodeURIComponent(text))
}

function given(text: string | null): string | undefined {
  return text === null || text === '' ? undefined : text
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text)
}
