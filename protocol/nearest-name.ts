/** A word that differs by more is another word. */
const MOST_EDITS = 2

/**
 * The name that a misspelt one was probably meant to be. `waitTime`, `wait-time` and `wait_time` are one word to people:
 * only letters and digits are compared, whatever their case.
 *
 * @returns undefined where none is near.
 */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const wanted = letters(misspelt)
  const [nearest] = names
    .map((name) => ({ name, edits: editDistance(wanted, letters(name)) }))
    .filter(({ edits, name }) => edits <= MOST_EDITS && edits < name.length)
    .toSorted((one, other) => one.edits - other.edits)
  return nearest?.name
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** How many letters must be added, left out or replaced to make one word of the other; long words are never near. */
function editDistance(word: string, otherWord: string): number {
  const [one, other] = [Array.from(word), Array.from(otherWord)]
  if (Math.abs(one.length - other.length) > MOST_EDITS) return Infinity
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of one.entries()) {
    const next = [index + 1]
    for (const [column, otherLetter] of other.entries()) {
      const replaced = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
