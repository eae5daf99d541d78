import { runInNewContext } from 'node:vm'

/** A pattern that needs longer for one identity never comes to an end, in milliseconds. */
const LONGEST_MATCH = 100

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

/**
 * Whether a whole identity matches a regular expression for which {@link faultOfPattern} found no fault.
 *
 * Expressions such as `(a+)+` take years over some texts; one that is not done in 100 ms does not match.
 */
export function matchesPattern(pattern: string, identity: string): boolean {
  const anchored = `^(?:${pattern})$`
  try {
    return (
      runInNewContext(
        "new RegExp(anchored, 'u').test(identity)",
        { anchored, identity },
        { timeout: LONGEST_MATCH },
      ) === true
    )
  } catch {
    return false
  }
}
