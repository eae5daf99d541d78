import { DatabaseError } from 'pg'
import { DomainError } from '../../errors/errors.ts'
import { isConnectionLost } from './postgres-error.ts'
import { PostgresMisconfigured } from './postgres-misconfigured.ts'
import { describeDatabase, type PostgresSettings } from './postgres-settings.ts'

/**
 * Why a database cannot be used, as one sentence that says what to do, without the password.
 *
 * @returns undefined where the failure is none of the database's.
 */
export function explainFailure(settings: PostgresSettings, error: unknown): string | undefined {
  if (error instanceof PostgresMisconfigured) return error.message
  const cause = error instanceof DomainError && error.cause !== undefined ? error.cause : error
  if (!(cause instanceof Error)) return undefined
  const { user, database } = settings
  const where = describeDatabase(settings)
  if (cause instanceof DatabaseError) {
    const code = cause.code ?? ''
    if (code.startsWith('28'))
      return `${where} refuses the user ${user} (${cause.message}); check user and password`
    if (code === '3D000')
      return `there is no database "${database}" at ${where}; create it (createdb ${database})`
    if (code === '42501')
      return `the user ${user} may not make tables there (${cause.message}); make it the owner of the database`
    if (code === '53100') return `the disk of ${where} is full (${cause.message}); free some space there`
    if (code === '53300')
      return `${where} takes no more connections (${cause.message}); raise that limit (each server opens up to 19), or end what holds them`
  }
  // Settings of the session, which a server that starts it looks at.
  if (cause instanceof DatabaseError && /^(22|42)/.test(cause.code ?? '') && cause.severity === 'FATAL')
    return `${where} refuses the connection (${cause.message}); check options in DATABASE_URL`
  if (error instanceof DomainError && error.data['migration'] !== undefined) return error.message
  if (/^SASL: .*client password must be/.test(cause.message))
    return `${where} asks for a password, and there is none; write it into DATABASE_URL, or set PGPASSWORD`
  if (cause.message.startsWith('SASL: '))
    return `${where} and this program cannot agree on how to log in (${cause.message}); check what stands between, and the password`
  if (isCertificateRefused(cause)) {
    return `the certificate of ${where} is not accepted (${cause.message}); check sslrootcert, sslmode and the name of the host`
  }
  if (isWithoutTls(cause))
    return `${where} speaks no TLS; turn it on there (ssl = on), or, where nobody can listen on the way there, set sslmode=prefer in DATABASE_URL`
  if (!isConnectionLost(cause)) return undefined
  return `${where} cannot be reached (${reasonOf(cause)}); check that it runs, and its host and port`
}

function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return first?.message === ''
    ? String((first as { code?: unknown }).code)
    : (first?.message ?? error.message)
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function isCertificateRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)
}

/** Whether the server was asked for TLS, and speaks none. pg gives that no code. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('The server does not support SSL')
}
