import { usageError } from './usage-error.ts'

const DEFAULT_URL = 'http://127.0.0.1:5080'

/** The server that commands talk to. */
export interface ServerAddress {
  /** Ends with a slash: the server may live under a path. */
  url: URL
  token: string | undefined
}

/** Reads `SLIPWAY_URL` and `SLIPWAY_TOKEN`. */
export function serverAddress(environment: NodeJS.ProcessEnv): ServerAddress {
  const text = environment['SLIPWAY_URL'] ?? DEFAULT_URL
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(`SLIPWAY_URL is "${text}", which is no http:// or https:// address`)
  }
  const url = new URL(text)
  url.search = url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  const token = environment['SLIPWAY_TOKEN']
  return { url, token: token === '' ? undefined : token }
}

/** The headers that carry the token: to the origin of SLIPWAY_URL, and nowhere else. */
export function credentialsFor(target: URL, { url, token }: ServerAddress): Record<string, string> {
  return token !== undefined && target.origin === url.origin ? { authorization: `Bearer ${token}` } : {}
}
