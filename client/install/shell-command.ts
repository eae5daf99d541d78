import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { InstalledArchive } from '../events.ts'

/** What was made of an archive that was put into place. */
export type Verdict =
  | { kind: 'accepted' }
  /** It was tried, and did not load. */
  | { kind: 'refused'; reason: string }
  /** It could not even be tried: that says nothing about the archive. */
  | { kind: 'not-tried'; reason: string }

/** Tried on each archive before it is acknowledged; rejects only where `signal` is aborted. */
export type OnChange = (archive: InstalledArchive, signal: AbortSignal) => Promise<Verdict>

/** The shell's own exit codes: not executable, not found (POSIX XCU 2.8.2). */
const NOT_RUN = new Map([
  [126, 'cannot be executed'],
  [127, 'was not found'],
])

/**
 * Has a command of the shell try an archive. It finds the path in `SLIPWAY_PATH`, the digest in `SLIPWAY_DIGEST`,
 * and `SLIPWAY_RELEASE` and `SLIPWAY_ETAG` where they are known; what it prints goes to standard error, since
 * standard output is the puller's. On abort it is told to end (SIGTERM).
 *
 * @param environment What the command inherits.
 */
export function shellCommand(command: string, environment: Record<string, string | undefined>): OnChange {
  return async (archive, signal) => {
    signal.throwIfAborted()
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...environment, ...variables(archive) },
      stdio: ['ignore', 2, 2],
    })
    const stop = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    try {
      const end = await ended(child)
      signal.throwIfAborted()
      return end
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

function variables({ path, digest, release, etag }: InstalledArchive): Record<string, string> {
  return {
    SLIPWAY_PATH: path,
    SLIPWAY_DIGEST: digest,
    SLIPWAY_RELEASE: release?.toString() ?? '',
    SLIPWAY_ETAG: etag ?? '',
  }
}

function ended(child: ChildProcess): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, killedBy) => {
      resolve(verdictOn(code, killedBy))
    })
  })
}

function verdictOn(code: number | null, killedBy: string | null): Verdict {
  if (code === 0) return { kind: 'accepted' }
  if (code === null)
    return { kind: 'refused', reason: `the --on-change command was ended by ${killedBy ?? 'a signal'}` }
  const notRun = NOT_RUN.get(code)
  if (notRun !== undefined)
    return { kind: 'not-tried', reason: `the --on-change command ${notRun} (exit code ${code})` }
  return { kind: 'refused', reason: `the --on-change command ended with exit code ${code}` }
}
