/** Whether a name is among those that a pattern stands for. */
export type NameMatcher = (name: string) => boolean

/**
 * Makes a pattern ready to be asked: `*` stands for any characters, none included. The forms that people use cost one
 * comparison.
 */
export function compilePattern(pattern: string): NameMatcher {
  if (pattern === '*') return () => true
  const star = pattern.indexOf('*')
  if (star === -1) return (name) => name === pattern
  const beginning = pattern.slice(0, star)
  if (star === pattern.length - 1) return (name) => name.startsWith(beginning)
  return (name) => matches(pattern, name)
}

/**
 * Whether one pattern stands for every name that another does. A `*` of the inner one is taken for a character that only a
 * `*` of the outer one matches.
 */
export function containsPattern(outer: string, inner: string): boolean {
  return matches(outer, inner)
}

/** Goes back to the last star only, as an earlier one can take nothing more: never more than length times length steps. */
function matches(pattern: string, text: string): boolean {
  let [at, next] = [0, 0]
  let star = -1
  let taken = 0
  while (next < text.length) {
    if (pattern[at] === '*') {
      star = at++
      taken = next
    } else if (at < pattern.length && pattern[at] === text[next]) {
      at++
      next++
    } else if (star !== -1) {
      at = star + 1
      next = ++taken
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
