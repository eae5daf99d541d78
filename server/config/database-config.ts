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
    if (namesSeveralHosts(text)) refuse(SEVERAL_HOSTS)
    else
      refuse(
        'expected postgres://user:password@host:port/database, with special characters of the password percent-encoded (@ is %40, / is %2F, # is %23, ? is %3F, % is %25)',
      )
    return undefined
  }
  const parameters = url.searchParams
  for (const name of new Set(parameters.keys())) {
    if (!PARAMETERS.includes(name))
      refuse(`there is no parameter ${shortened(name)} here; there are ${PARAMETERS.join(', ')}`)
  }
  const sslRootCert = given(parameters.get('sslrootcert'))
  const sslMode = given(parameters.get('sslmode')) ?? (sslRootCert === 'system' ? 'verify-full' : 'prefer')
  if (!isSslMode(sslMode)) refuse(`sslmode is ${shortened(sslMode)}; expected one of ${SSL_MODES.join(', ')}`)
  else if (sslRootCert === 'system' && sslMode !== 'verify-full')
    refuse(`sslrootcert=system needs sslmode=verify-full, and sslmode is ${sslMode}`)
  const user = decode(url.username) ?? userOfSystem()
  if (user === undefined)
    refuse('names no user, and the user of the system has no name: write postgres://user@host/database')
  const database = decode(url.pathname.slice(1)) ?? user
  const host = given(parameters.get('host')) ?? decode(url.hostname.replace(/^\[|\]$/g, '')) ?? 'localhost'
  if (host.includes(',')) refuse(SEVERAL_HOSTS)
  const password = decode(url.password)
  if (mistakes.length > before || !isSslMode(sslMode) || user === undefined || database === undefined)
    return undefined
  const optional = {
    password,
    sslRootCert,
    sslCert: given(parameters.get('sslcert')),
    sslKey: given(parameters.get('sslkey')),
    options: given(parameters.get('options')),
  }
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    user,
    sslMode,
    applicationName: given(parameters.get('application_name')) ?? 'slipway',
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<PostgresSettings>),
  }
}

const SEVERAL_HOSTS = 'names several hosts; name one, such as the address of the primary'

const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'options', 'application_name']

function parse(given: string): URL | undefined {
  // With a user and the folder of a socket a host is left out, which a URL elsewhere does not allow.
  const text = given.replace(/^(postgres(?:ql)?:\/\/[^/@?]*@)(?=[/?])/, '$1localhost')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.port === '0' || holdsCutPassword(url)) return undefined
  const parts = [url.username, url.password, url.pathname, url.hostname]
  return parts.every(isUsable) && [...url.searchParams.values()].every(isText) ? url : undefined
}

/**
 * Whether a part of a password may have come to stand elsewhere: one with a / or ? or # in it ends the host and port there, and what follows
 * would be shown as the name of a database or a parameter.
 */
function holdsCutPassword({ username, pathname, search, hash, searchParams }: URL): boolean {
  if (hash !== '' || pathname.includes('@') || (username === '' && search.includes('@'))) return true
  return [...searchParams.keys()].some((name) => !/^\w+$/.test(name))
}

function isUsable(text: string): boolean {
  try {
    return isText(decodeURIComponent(text))
  } catch {
    return false
  }
}

/** The protocol of Postgres ends each text with a NUL. */
function isText(text: string): boolean {
  return !text.includes('\0')
}

/** `host:port,host:port` is no URL elsewhere. */
function namesSeveralHosts(text: string): boolean {
  return /^postgres(ql)?:\/\/([^@/?#]*@)?[\w.:[\]-]+,[\w.:,[\]-]+([/?]|$)/.test(text)
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** As libpq, the name of who runs this; containers may run as a number that has none. */
function userOfSystem(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
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
