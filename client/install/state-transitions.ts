import type { Entry, State } from './state.ts'

/** The state once an archive was put into the folder; one that was pending until now is kept among the older ones. */
export function withPending(state: State, entry: Entry): State {
  const { pending, installed, older } = state
  const isReplaced =
    pending !== undefined && pending.digest !== entry.digest && pending.digest !== installed?.digest
  return { ...state, pending: entry, older: isReplaced ? [pending, ...older] : older }
}

/** The state once the pending archive is in use; the one before becomes an older one. */
export function withAcknowledged({ pending, ...state }: State): State {
  if (pending === undefined) throw new Error('nothing is pending')
  const entry = { ...pending }
  delete entry.postponed
  const others = [state.installed, ...state.older].filter((each) => each !== undefined)
  return { ...state, installed: entry, older: others.filter(({ digest }) => digest !== entry.digest) }
}

/**
 * The state once the installed archive was found to be gone, or changed.
 *
 * @param successor An older archive that takes its place.
 * @param nameIsTaken Whether something lies under its name: the name stays ours then, for the next archive to take.
 */
export function withInstalledLost(
  { installed: lost, ...state }: State,
  successor: Entry | undefined,
  nameIsTaken: boolean,
): State {
  const older = state.older.filter((each) => each !== successor)
  return {
    ...state,
    ...(successor === undefined ? {} : { installed: successor }),
    older: lost !== undefined && nameIsTaken ? [lost, ...older] : older,
  }
}

/** What the puller put into the folder itself, and may overwrite. */
export function ownEntries({ installed, pending, older }: State): Entry[] {
  return [installed, pending, ...older]
    .filter((entry) => entry !== undefined)
    .filter(({ foreign }) => foreign !== true)
}
