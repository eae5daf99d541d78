import type { InstalledArchive, PullEvent } from '../events.ts'
import type { FailureKind } from '../failure.ts'
import { wrapText } from './wrap-text.ts'

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

/** For `slipway doctor --help`. */
export const DOCTOR_EXIT_CODES_HELP = `
Exit codes:
  0  a Rasa bot works there, and can load the release that it would get
  1  something that was found is an error: a Rasa bot would not work there or,
     with --publish, uploads do not get through
  2  wrong usage or configuration
`

/** What the exit codes of a command mean, in the words of that command; only those with a meaning of their own. */
export interface ExitCodeMeanings {
  done?: string
  failed?: string
  disk?: string
  unsound?: string
  notFound?: string
  conflict?: string
  /** Whether it has `--wait`. */
  waits?: true
}

/** The exit codes of a command that manages a server, for its `--help`. */
export function exitCodesHelp({ waits, done, failed, disk, ...others }: ExitCodeMeanings): string {
  const meanings: Partial<Record<keyof typeof EXIT, string | undefined>> = {
    done: done ?? (waits ? 'done; with --wait: the bots run the release' : 'done'),
    failed: failed ?? (waits && 'with --wait: taken back, aborted, paused, replaced, or not on all bots'),
    usage: 'wrong usage or configuration',
    disk: disk ?? 'the output cannot be written',
    source: 'the server cannot be reached, cannot do it now, or its answer was lost',
    late: waits && 'with --wait: the time ran out first',
    denied: 'refused: the token does not allow it, or the input is not acceptable',
    ...others,
  }
  const lines = Object.entries(EXIT).flatMap(([name, code]) => {
    const meaning = meanings[name as keyof typeof EXIT]
    if (meaning === undefined) return []
    return [wrapText(meaning, { first: `  ${code.toString().padEnd(2)}  `, indent: '      ' })]
  })
  return `\nExit codes:\n${lines.join('\n')}\n`
}

/** For `slipway --help`. */
export const ALL_EXIT_CODES_HELP = exitCodesHelp({
  waits: true,
  disk: 'a file on this machine, or the output, cannot be read or written',
  unsound: 'an archive is damaged, or not what it was said to be',
  notFound: 'not found: the model, release, tag or bot does not exist',
  conflict: 'conflict with the state of the server',
})
