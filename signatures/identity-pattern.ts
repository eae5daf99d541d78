import { runInNewContext } from 'node:vm'

/** A pattern that needs longer for one identity never comes to an end, in milliseconds of the processors. */
const LONGEST_MATCH = 100

/** So often is a match begun that has had no processor. */
const MOST_ATTEMPTS = 20

/**
 * Says what is wrong with a regular expression that identities shall match.
 *
 * It has to be one by itself: `a)|(?:.*` would not be, but would undo the anchors that are put around it.
 *
 * @returns undefined where it can be used.
 */
export function faultOfPattern(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** @returns Whether `text` matches. @throws Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT after so many milliseconds by the clock. */
type TestPattern = (pattern: string, text: string, timeout: number) => boolean

/**
 * Whether a whole identity matches a regular expression for which {@link faultOfPattern} found no fault.
 *
 * Expressions such as `(a+)+` take years over some texts; one that is not done in 100 ms of processor time does not match. The only limit that
 * Node has counts by the clock: on a busy machine one in a hundred matches, of microseconds, waited for longer for a processor (measured).
 *
 * @param test Tries an expression; in this process without.
 */
export function matchesPattern(pattern: string, identity: string, test: TestPattern = testWithin): boolean {
  let spent = 0
  for (let attempt = 0; attempt < MOST_ATTEMPTS && spent < LONGEST_MATCH; attempt++) {
    const before = process.cpuUsage()
    try {
      return test(`^(?:${pattern})$`, identity, LONGEST_MATCH)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
      const { user, system } = process.cpuUsage(before)
      spent += (user + system) / 1000
    }
  }
  return false
}

function testWithin(pattern: string, text: string, timeout: number): boolean {
  const context = { pattern, text }
  return runInNewContext("new RegExp(pattern, 'u').test(text)", context, { timeout }) === true
}
