import type { InstalledArchive, PullEvent } from '../events.ts'
import type { FailureKind } from '../failure.ts'

/** What a command ends with; scripts rely on it (docs/puller.md, docs/cli.md). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  disk: 3,
  unsound: 4,
  source: 5,
  offline: 6,
  late: 7,
  denied: 8,
  notFound: 9,
  conflict: 10,
} as const

const OF_FAILURE: Record<FailureKind, number> = {
  configuration: EXIT.usage,
  disk: EXIT.disk,
  unsound: EXIT.unsound,
  source: EXIT.source,
  refused: EXIT.unsound,
  postponed: EXIT.source,
  denied: EXIT.denied,
  'not-found': EXIT.notFound,
  conflict: EXIT.conflict,
}

/** The exit code for a failure of this kind. */
export function exitCodeOfFailure(kind: FailureKind): number {
  return OF_FAILURE[kind]
}

/** The exit code after an event that was the last. */
export function exitCodeOf(event: PullEvent, offlineOk: boolean): number {
  switch (event.event) {
    case 'installed':
    case 'unchanged':
      return EXIT.done
    case 'offline':
      return offlineOk ? EXIT.done : EXIT.offline
    case 'failed':
      if (keptArchive(event) === null) return exitCodeOfFailure(event.kind)
      return offlineOk ? EXIT.done : EXIT.offline
  }
}

/**
 * The archive that goes on being used after a failure which says nothing against it: the one before where the command
 * refused or postponed a new one, and the last good one where the source is away.
 */
export function keptArchive(event: PullEvent): InstalledArchive | null {
  if (event.event !== 'failed') return event
  return event.kind === 'refused' || event.kind === 'postponed' ? event.installed : null
}

/** For `slipway pull --help`. */
export const PULL_EXIT_CODES_HELP = `
Exit codes:
  0  installed or unchanged; --watch was ended by SIGTERM
  2  wrong usage or configuration
  3  this machine's disk, or another puller works on the folder
  4  what came is not a sound archive, not what its digest says, or was refused: nothing installed
  5  the source is unreachable, refused, broke off, or had nothing: nothing installed
  6  nothing new, but the last good archive is in place (0 with --offline-ok)
`

/** For `--help` of the commands that manage a server. */
export const EXIT_CODES_HELP = `
Exit codes:
  0   done; with --wait: the bots run it
  1   with --wait: taken back, aborted, paused, replaced, or bots were left alone
  2   wrong usage or configuration
  3   this machine's disk
  5   the server cannot be reached, or cannot do it now
  7   with --wait: time ran out first
  8   refused: the token does not allow it, or what was sent is not acceptable
  9   not found: there is no such model, release or tag
  10  in conflict with what the server has
`
