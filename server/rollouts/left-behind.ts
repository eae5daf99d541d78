import { isSameMachine } from '../fleet/machine.ts'
import type { ProcessRecord } from '../fleet/process-record.ts'
import { STARTS_APART } from '../fleet/replacement.ts'

/**
 * The processes that seem to have been replaced, and may be there still: nobody can tell which of several silent workers it was
 * that began anew.
 *
 * Where fewer began than had fallen silent, the others are still there, and stay so through each further start, whichever
 * of them it was that ended then; until as many began as had fallen silent, or the silence of all of them has become a loss.
 */
export function leftBehind(processes: readonly ProcessRecord[]): ReadonlySet<ProcessRecord> {
  const replacing = new Set(processes.map(({ replacedBy }) => replacedBy))
  const starts = processes
    .filter(({ process }) => replacing.has(process))
    .toSorted((one, other) => one.firstSeen - other.firstSeen)
  let left: readonly Left[] = []
  for (const start of starts) {
    const others = left.filter(({ machine }) => !isSameMachine(machine.source, start.source))
    const before = left.find((each) => !others.includes(each))
    left = [...others, leftAfter(start, before, processes)]
  }
  return new Set(left.flatMap(({ candidates }) => candidates))
}

/** What is left of the workers of a machine. */
interface Left {
  /** Any process of the machine. */
  readonly machine: ProcessRecord
  /** How many are there still. */
  readonly count: number
  /** Those that they may be. */
  readonly candidates: readonly ProcessRecord[]
}

function leftAfter(
  start: ProcessRecord,
  before: Left | undefined,
  processes: readonly ProcessRecord[],
): Left {
  const at = start.firstSeen
  const wasSilent = ({ lastSeen, lostAt }: ProcessRecord): boolean =>
    lastSeen < at && (lostAt === null || lostAt >= at)
  const machine = processes.filter(({ source }) => isSameMachine(source, start.source))
  const began = machine.filter(({ firstSeen }) => Math.abs(firstSeen - at) < STARTS_APART)
  const replaced = machine.filter(
    (one) => wasSilent(one) && began.some(({ process }) => process === one.replacedBy),
  )
  const others = machine.filter((one) => wasSilent(one) && one.replacedBy === null)
  const earlier = before?.candidates.filter(wasSilent) ?? []
  const silent = replaced.length + others.length + Math.min(before?.count ?? 0, earlier.length)
  const count = Math.max(0, silent - began.length)
  return { machine: start, count, candidates: count === 0 ? [] : [...earlier, ...replaced] }
}
