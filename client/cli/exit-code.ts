import type { PullEvent } from '../events.ts'
import type { FailureKind } from '../failure.ts'

/** What a command ends with; scripts rely on it (docs/puller.md). */
export const EXIT = { done: 0, usage: 2, disk: 3, unsound: 4, source: 5, offline: 6 } as const

const OF_FAILURE: Record<FailureKind, number> = {
  configuration: EXIT.usage,
  disk: EXIT.disk,
  unsound: EXIT.unsound,
  source: EXIT.source,
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
      return exitCodeOfFailure(event.kind)
  }
}

/** For `--help` of every command. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  done: installed, or unchanged
  2  wrong usage or configuration
  3  this machine's disk
  4  what came is not a sound archive, or not what its digest says: nothing installed
  5  the source is unreachable, refused, broke off, or had nothing: nothing installed
  6  as 5, but the last good archive is in place
`
