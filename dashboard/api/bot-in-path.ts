/** What stands in a path in place of a name that no path can hold. */
const UNNAMED = '-'

/**
 * The last part of an address that names a bot. `.` and `..` mean folders in every path, also when they are escaped (URL
 * Standard): such a name stands in the query.
 */
export function botInPath(bot: string): string {
  return bot === '.' || bot === '..' ? `${UNNAMED}?bot=${bot}` : encodeURIComponent(bot)
}
