/** A line that only one of two texts has. */
export interface ChangedLine {
  sign: '-' | '+'
  line: string
}

/** Lines of one text that are compared: the table that finds what stayed has the square of it. */
const MOST_COMPARED = 500

/** The lines that differ between two texts, in their order: at each place what went, then what came. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const old = before === '' ? [] : before.split('\n').slice(0, MOST_COMPARED)
  const now = after === '' ? [] : after.split('\n').slice(0, MOST_COMPARED)
  const kept = keptFrom(old, now)
  const lines: ChangedLine[] = []
  let [one, other] = [0, 0]
  while (one < old.length || other < now.length) {
    const isKept = one < old.length && other < now.length && old[one] === now[other]
    if (isKept) [one, other] = [one + 1, other + 1]
    else if (one < old.length && at(kept, one + 1, other) >= at(kept, one, other + 1))
      lines.push({ sign: '-', line: old[one++] ?? '' })
    else if (other < now.length) lines.push({ sign: '+', line: now[other++] ?? '' })
    else lines.push({ sign: '-', line: old[one++] ?? '' })
  }
  return lines
}

/** How many lines can be kept, at most, of what is left of both texts from a place in each on. */
function keptFrom(old: readonly string[], now: readonly string[]): number[][] {
  const kept = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0))
  for (let one = old.length - 1; one >= 0; one--) {
    for (let other = now.length - 1; other >= 0; other--) {
      const row = kept[one] ?? []
      row[other] =
        old[one] === now[other]
          ? at(kept, one + 1, other + 1) + 1
          : Math.max(at(kept, one + 1, other), at(kept, one, other + 1))
    }
  }
  return kept
}

function at(kept: readonly (readonly number[])[], one: number, other: number): number {
  return kept[one]?.[other] ?? -1
}
