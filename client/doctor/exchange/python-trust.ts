import { readFileSync } from 'node:fs'
import tls from 'node:tls'

/** Certificates of authorities, as PEM. */
export interface Trust {
  ca: string[]
  /** Why the file of `SSL_CERT_FILE` could not be read; Python then goes on without it. */
  unreadable?: string
}

/**
 * The authorities that Rasa trusts: its aiohttp asks OpenSSL for the machine's, and for the file that `SSL_CERT_FILE`
 * names (Python's `ssl.create_default_context`). Neither certifi nor Node's own list counts.
 */
export function pythonTrust(environment: NodeJS.ProcessEnv): Trust {
  const system = tls.getCACertificates('system')
  const file = environment['SSL_CERT_FILE']
  if (file === undefined || file === '') return { ca: system }
  try {
    return { ca: [...system, readFileSync(file, 'utf8')] }
  } catch (error) {
    return { ca: system, unreadable: error instanceof Error ? error.message : String(error) }
  }
}

/** The authorities that Node trusts, `NODE_EXTRA_CA_CERTS` included: what `slipway pull` goes by. */
export function nodeTrust(): Trust {
  return { ca: tls.getCACertificates('default') }
}
