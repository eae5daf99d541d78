import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { InstalledArchive } from '../events.ts'

/** What a command made of an archive that was put into place. */
export type Verdict =
  | { kind: 'accepted' }
  /** It was tried, and did not load. */
  | { kind: 'refused'; reason: string }
  /** It could not be tried now (a bot that starts, say): the archive stays in place, and is tried again. */
  | { kind: 'postponed'; reason: string }
  /** The command cannot be run at all: that says nothing about the archive. */
  | { kind: 'not-run'; reason: string }

/** Tried on each archive before it is acknowledged; rejects only where `signal` is aborted. */
export type OnChange = (archive: InstalledArchive, signal: AbortSignal) => Promise<Verdict>

/** The shell's own exit codes: not executable, not found (POSIX XCU 2.8.2). */
const NOT_RUN = new Map([
  [126, 'cannot be executed'],
  [127, 'was not found'],
])
/** "The user is invited to retry": EX_TEMPFAIL of sysexits.h. */
const TRY_AGAIN_LATER = 75
/** Beyond it, a shell says by which signal the last program ended (POSIX XCU 2.8.2). Linux has 64 signals. */
const SIGNALLED = 128
const MOST_SIGNALS = 64

/** A command that takes longer has hung. Loading a large model takes minutes. */
const LONGEST_RUN = 30 * 60_000
/** How long a command has to end after SIGTERM. */
const GRACE = 10_000

export interface CommandLimits {
  /** Milliseconds after which the command is ended and the archive tried again later. */
  longestRun?: number
  /** Milliseconds from SIGTERM to SIGKILL. */
  grace?: number
}

/**
 * Has a command of the shell try an archive. It finds the path in `SLIPWAY_PATH`, the digest in `SLIPWAY_DIGEST`,
 * and `SLIPWAY_RELEASE` and `SLIPWAY_ETAG` where they are known; what it prints goes to standard error, since
 * standard output is the puller's. Exit code 0 accepts, 75 postpones, any other refuses; an end by a signal postpones,
 * since it says nothing about the archive. On abort the command and its children are told to end (SIGTERM, then
 * SIGKILL).
 *
 * @param environment What the command inherits.
 */
export function shellCommand(
  command: string,
  environment: Record<string, string | undefined>,
  { longestRun = LONGEST_RUN, grace = GRACE }: CommandLimits = {},
): OnChange {
  return async (archive, signal) => {
    signal.throwIfAborted()
    let child: ChildProcess
    try {
      child = spawn('/bin/sh', ['-c', command], {
        env: { ...environment, ...variables(archive) },
        stdio: ['ignore', 2, 2],
        // A process group of its own: the shell does not pass signals on to the program that it waits for.
        detached: true,
      })
    } catch (error) {
      return verdictOnNoStart(error as NodeJS.ErrnoException)
    }
    let kill: NodeJS.Timeout | undefined
    const stop = (): void => {
      signalGroup(child, 'SIGTERM')
      kill ??= setTimeout(() => {
        signalGroup(child, 'SIGKILL')
      }, grace)
    }
    const hung = new AbortController()
    const limit = setTimeout(() => {
      hung.abort()
      stop()
    }, longestRun)
    signal.addEventListener('abort', stop, { once: true })
    try {
      const verdict = await verdictOf(child)
      signal.throwIfAborted()
      if (!hung.signal.aborted) return verdict
      return {
        kind: 'postponed',
        reason: `the --on-change command did not end within ${longestRun / 1000} s`,
      }
    } finally {
      clearTimeout(limit)
      clearTimeout(kill)
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

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended already.
  }
}

function verdictOf(child: ChildProcess): Promise<Verdict> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      resolve(verdictOnNoStart(error))
    })
    child.once('exit', (code, killedBy) => {
      resolve(verdictOn(code, killedBy))
    })
  })
}

/** What the system says when a program cannot be started now: it has too much to do (fork(2), open(2)). */
const BUSY = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']

function verdictOnNoStart({ code = '', message }: NodeJS.ErrnoException): Verdict {
  const reason = `the shell of the --on-change command could not be started (${message})`
  return { kind: BUSY.includes(code) ? 'postponed' : 'not-run', reason }
}

function verdictOn(code: number | null, killedBy: string | null): Verdict {
  if (code === 0) return { kind: 'accepted' }
  if (code === null)
    return { kind: 'postponed', reason: `the --on-change command was ended by ${killedBy ?? 'a signal'}` }
  const notRun = NOT_RUN.get(code)
  if (notRun !== undefined)
    return { kind: 'not-run', reason: `the --on-change command ${notRun} (exit code ${code})` }
  if (code === TRY_AGAIN_LATER)
    return { kind: 'postponed', reason: 'the --on-change command asked to be run again later (exit code 75)' }
  if (code > SIGNALLED && code <= SIGNALLED + MOST_SIGNALS)
    return {
      kind: 'postponed',
      reason: `a program of the --on-change command was ended by a signal (${code})`,
    }
  return { kind: 'refused', reason: `the --on-change command ended with exit code ${code}` }
}
