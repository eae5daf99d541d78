import { readFileSync } from 'node:fs'
import { usageError } from './usage-error.ts'

const DEFAULT_URL = 'http://127.0.0.1:5080'

/** The server that commands talk to. */
export interface ServerAddress {
  /** Ends with a slash: the server may live under a path. */
  url: URL
  token: string | undefined
}

/** Reads `SLIPWAY_URL`, and `SLIPWAY_TOKEN` or the file that `SLIPWAY_TOKEN_FILE` names. */
export function serverAddress(environment: NodeJS.ProcessEnv): ServerAddress {
  const text = environment['SLIPWAY_URL'] ?? DEFAULT_URL
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(`SLIPWAY_URL is "${text}", which is no http:// or https:// address`)
  }
  const url = new URL(text)
  url.search = url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return { url, token: tokenIn(environment) }
}

function tokenIn(environment: NodeJS.ProcessEnv): string | undefined {
  const { SLIPWAY_TOKEN: token = '', SLIPWAY_TOKEN_FILE: file = '' } = environment
  if (file === '') return token === '' ? undefined : token
  if (token !== '') throw usageError('SLIPWAY_TOKEN and SLIPWAY_TOKEN_FILE are both set; unset one of them')
  let content
  try {
    content = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`SLIPWAY_TOKEN_FILE cannot be read: ${reason}`)
  }
  if (content === '') throw usageError(`SLIPWAY_TOKEN_FILE names ${file}, which is empty`)
  return content
}

/** The headers that carry the token: to the origin of SLIPWAY_URL, and nowhere else. */
export function credentialsFor(target: URL, { url, token }: ServerAddress): Record<string, string> {
  return token !== undefined && target.origin === url.origin ? { authorization: `Bearer ${token}` } : {}
}
