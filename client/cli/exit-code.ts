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
  0  installed or unchanged; or --watch was ended by SIGTERM
  2  wrong usage or configuration
  3  the disk of this machine, or another puller uses the folder
  4  the archive is damaged, does not match its digest, or was refused before;
     nothing was installed
  5  the source cannot be reached, refused, broke off, or has no archive;
     nothing was installed
  6  no new archive, but the last good one is in place (0 with --offline-ok)
`

const OF_SERVER_COMMANDS = [
  [EXIT.usage, 'wrong usage or configuration'],
  [EXIT.disk, 'a file on this machine cannot be read or written'],
  [EXIT.source, 'the server cannot be reached, or cannot do it now'],
  [EXIT.denied, 'refused: the token does not allow it, or the input is not acceptable'],
  [EXIT.notFound, 'not found: the model, release, tag or bot does not exist'],
  [EXIT.conflict, 'conflict with the state of the server'],
] as const

const OF_WAIT = [
  [EXIT.done, 'done; with --wait: the bots run the release'],
  [EXIT.failed, 'with --wait: taken back, aborted, paused, replaced, or not on all bots'],
  [EXIT.late, 'with --wait: the time ran out first'],
] as const

/** For `--help` of the commands that manage a server. */
export const EXIT_CODES_HELP = describeCodes([[EXIT.done, 'done'], ...OF_SERVER_COMMANDS])

/** For `--help` of the commands that have `--wait`. */
export const WAIT_EXIT_CODES_HELP = describeCodes([...OF_WAIT, ...OF_SERVER_COMMANDS])

/** For `slipway verify --help`. */
export const VERIFY_EXIT_CODES_HELP = describeCodes([
  [EXIT.done, 'done: all archives are sound'],
  [EXIT.unsound, 'some archives are damaged or missing'],
  ...OF_SERVER_COMMANDS,
])

function describeCodes(codes: readonly (readonly [number, string])[]): string {
  const lines = codes
    .toSorted(([one], [other]) => one - other)
    .map(([code, meaning]) => `  ${code.toString().padEnd(2)}  ${meaning}\n`)
  return `\nExit codes:\n${lines.join('')}`
}
