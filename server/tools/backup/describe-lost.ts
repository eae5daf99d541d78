/** More of them tell nobody anything: all stand in the manifest of the backup, and with `--json`. */
const MOST_NAMED = 10

/**
 * Says which archives a backup does not hold, a line each for the first few.
 *
 * @param lost Digests of archives that were damaged or missing already.
 */
export function describeLost(lost: readonly string[]): string {
  const named = lost.slice(0, MOST_NAMED).map((digest) => `  lost already: ${digest}\n`)
  const others = lost.length - named.length
  return (
    named.join('') +
    (others > 0 ? `  … and ${others} others: ${lost.length} in all (--json names each of them)\n` : '')
  )
}
