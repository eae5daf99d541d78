import type { Digest } from '../releases/release.ts'
import type { Failure, Target } from './process-record.ts'

/** Releases whose failures are remembered for one process: more are never tried in turn. */
const MOST_KEPT = 8

/** "Three in a row count as one failed load" (docs/rollouts.md): a restart may have other reasons than the release. */
const RESTARTS_FOR_A_LOAD = 3

/** The failures of one release, by kind. */
export type FailureKind = 'load' | 'transfer' | 'restart'

/** Counts one failure of a release. */
export function countFailure(
  failures: readonly Failure[],
  target: Target,
  kind: FailureKind,
  at: number,
  reason: string,
): readonly Failure[] {
  const { release, digest } = target
  const before = failures.find((failure) => failure.digest === digest) ?? NONE
  const counted = { ...added(before, kind), release, digest, lastAt: at, reason }
  return [...withoutRelease(failures, digest).slice(1 - MOST_KEPT), counted]
}

const NONE = { loads: 0, transfers: 0, restarts: 0, restartsInRow: 0 }

function added(before: typeof NONE, kind: FailureKind): typeof NONE {
  const { loads, transfers, restarts, restartsInRow } = before
  if (kind === 'load') return { loads: loads + 1, transfers, restarts, restartsInRow: 0 }
  if (kind === 'transfer') return { loads, transfers: transfers + 1, restarts, restartsInRow: 0 }
  const row = restartsInRow + 1
  const isLoad = row === RESTARTS_FOR_A_LOAD
  return {
    loads: isLoad ? loads + 1 : loads,
    transfers,
    restarts: restarts + 1,
    restartsInRow: isLoad ? 0 : row,
  }
}

/** Takes back one restart while loading: the silent process polled again. */
export function uncountRestart(failures: readonly Failure[], digest: Digest): readonly Failure[] {
  return failures.flatMap((failure) => {
    if (failure.digest !== digest || failure.restarts === 0) return [failure]
    const wasLoad = failure.restartsInRow === 0 && failure.loads > 0
    const restartsInRow = wasLoad ? RESTARTS_FOR_A_LOAD - 1 : Math.max(0, failure.restartsInRow - 1)
    const loads = wasLoad ? failure.loads - 1 : failure.loads
    const restarts = failure.restarts - 1
    if (loads + failure.transfers + restarts === 0) return []
    return [{ ...failure, loads, restarts, restartsInRow }]
  })
}

/** Forgets what went wrong with a release: it was loaded. */
export function withoutRelease(failures: readonly Failure[], digest: Digest): readonly Failure[] {
  return failures.some((failure) => failure.digest === digest)
    ? failures.filter((failure) => failure.digest !== digest)
    : failures
}

/** Adds up the failures of one release that several processes had; undefined where there was none. */
export function sumFailures(lists: readonly (readonly Failure[])[], digest: Digest): Failure | undefined {
  return lists
    .flatMap((failures) => failures.filter((failure) => failure.digest === digest))
    .toSorted((one, other) => one.lastAt - other.lastAt)
    .reduce<Failure | undefined>(
      (sum, failure) => ({
        ...failure,
        loads: failure.loads + (sum?.loads ?? 0),
        transfers: failure.transfers + (sum?.transfers ?? 0),
        restarts: failure.restarts + (sum?.restarts ?? 0),
      }),
      undefined,
    )
}

/** What several processes had of the release that failed last; undefined where none had. A look at each: there may be 100,000. */
export function newestFailure(lists: readonly (readonly Failure[])[]): Failure | undefined {
  let newest: Failure | undefined
  for (const failures of lists) {
    for (const failure of failures)
      if (newest === undefined || failure.lastAt > newest.lastAt) newest = failure
  }
  if (newest === undefined) return undefined
  const sum = { loads: 0, transfers: 0, restarts: 0 }
  for (const failures of lists) {
    for (const { digest, loads, transfers, restarts } of failures) {
      if (digest !== newest.digest) continue
      sum.loads += loads
      sum.transfers += transfers
      sum.restarts += restarts
    }
  }
  return { ...newest, ...sum }
}

/** Passes the failures of one process to another: "counts belong to bot and release" (docs/rollouts.md). */
export function mergeFailures(one: readonly Failure[], other: readonly Failure[]): readonly Failure[] {
  const digests = new Set([...one, ...other].map(({ digest }) => digest))
  return [...digests].flatMap((digest) => sumFailures([one, other], digest) ?? []).slice(-MOST_KEPT)
}
