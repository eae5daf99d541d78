/** The known name that an unknown one was probably meant to be; undefined where none is near. */
export function suggestKey(unknown: string, known: readonly string[]): string | undefined {
  const wanted = letters(unknown)
  const [best] = known
    .map((name) => ({ name, distance: editDistance(wanted, letters(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 4)))
    .sort((one, other) => one.distance - other.distance)
  return best?.name
}

/** `waitTimeBetweenPulls`, `wait-time-between-pulls` and `wait_time_between_pulls` are one word to people. */
function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Levenshtein's distance. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [i, letter] of one.split('').entries()) {
    const next = [i + 1]
    for (const [j, otherLetter] of other.split('').entries()) {
      const replaced = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
