/** A move of a tag, in the order of the tag's own history. Times are milliseconds of one clock that all clients read. */
export interface KnownMove {
  readonly release: number
  /** When whoever had it moved asked for that; -Infinity where that is not known. */
  readonly asked: number
  /** When that was acknowledged: it has happened then. Infinity where it was not. */
  readonly answered: number
}

/** What a poll said of a tag. */
export interface Look {
  /** Who polled, as one who never goes back: a process, or somebody who always asks the same server. */
  readonly viewer: string
  /** The release that the tag selects; null: none. */
  readonly release: number | null
  readonly asked: number
  readonly answered: number
  /** Milliseconds by which what it says may be old. */
  readonly mayBeOldBy: number
}

/**
 * Says what is wrong with what polls said of a tag: each says where the tag was at some moment not longer ago than it may be, and nobody is sent
 * back to where the tag was before, unless it was moved there once more.
 *
 * @param moves All that there were.
 */
export function faultsOfViews(looks: readonly Look[], moves: readonly KnownMove[]): string[] {
  const faults: string[] = []
  const views = Map.groupBy(
    looks.toSorted((one, other) => one.asked - other.asked),
    ({ viewer }) => viewer,
  )
  for (const [viewer, seen] of views) {
    let least = -1
    for (const look of seen) {
      const position = firstPosition(look, moves, least)
      if (position === undefined) faults.push(`${viewer} ${faultOf(look, moves, least)}`)
      else least = position
    }
  }
  return faults
}

/** The first place in the history, not before `least`, where the tag may have been for this look; -1: before all of it. */
function firstPosition(look: Look, moves: readonly KnownMove[], least: number): number | undefined {
  for (let position = least; position < moves.length; position++) {
    const move = moves[position]
    if ((move?.release ?? null) !== look.release) continue
    const isMade = move === undefined || move.asked <= look.answered
    // It was there until the next move at the latest.
    const until = moves[position + 1]?.answered ?? Infinity
    if (isMade && until >= look.asked - look.mayBeOldBy) return position
  }
  return undefined
}

function faultOf(look: Look, moves: readonly KnownMove[], least: number): string {
  const what = `saw ${look.release === null ? 'no release' : `release ${look.release}`} at ${Math.round(look.answered)}`
  const free = firstPosition(look, moves, -1)
  if (free !== undefined) return `${what}, after ${String(moves[least]?.release)}`
  const old = firstPosition({ ...look, mayBeOldBy: Infinity }, moves, -1)
  return old === undefined ? `${what}, where the tag was never until then` : `${what}, which was too old`
}
