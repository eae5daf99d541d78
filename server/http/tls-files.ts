import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { repeat, type Schedule } from '../time/repeat.ts'

/** Where certificate and key lie; absolute. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** What a server needs to speak TLS. */
export interface TlsOptions {
  readonly cert: Buffer
  readonly key: Buffer
  readonly minVersion: 'TLSv1.2'
}

/** A server that can be told to use another certificate. */
export interface TlsServer {
  setSecureContext(options: TlsOptions): void
}

/** Whether a server speaks TLS. */
export function isTlsServer(server: object): server is TlsServer {
  return 'setSecureContext' in server
}

/** How often the files are looked at: whoever renews a certificate need not restart anything. */
const LOOK: Schedule = { first: 10_000, every: 10_000 }

/**
 * Reads certificate and key.
 *
 * @throws Error where one of them cannot be read, is no PEM, or the two do not belong together.
 */
export async function readTlsFiles({ cert, key }: TlsFiles): Promise<TlsOptions> {
  const options: TlsOptions = {
    cert: await readFile(cert),
    key: await readFile(key),
    // Older versions are broken, and forbidden (RFC 8996).
    minVersion: 'TLSv1.2',
  }
  createSecureContext(options)
  return options
}

/** What becomes of new files. */
export interface TlsReport {
  onReload: () => void
  /** They are not used: what was read last goes on. */
  onFailure: (error: unknown) => void
}

/**
 * Has new connections use what lies in the files, within ten seconds after they changed. Certificate and key are replaced one
 * after the other: while they do not belong together, those before are used.
 *
 * @param current What the server began with.
 * @returns what resolves when it has ended.
 */
export function followTlsFiles(
  server: TlsServer,
  files: TlsFiles,
  current: TlsOptions,
  { onReload, onFailure }: TlsReport,
  signal: AbortSignal,
  schedule: Schedule = LOOK,
): Promise<void> {
  let used = current
  const look = async (): Promise<undefined> => {
    const read = await readTlsFiles(files)
    if (read.cert.equals(used.cert) && read.key.equals(used.key)) return
    server.setSecureContext(read)
    used = read
    onReload()
  }
  return repeat(schedule, signal, look, onFailure)
}
