/** What a run came to so far; a check counts as one, and so does each test. */
export interface Tally {
  passed: number
  failed: string[]
  skipped: string[]
  /** What passed at the second attempt only: counted as passed, and named. */
  unsteady: string[]
  /** What was checked in a shorter way than with --long. */
  shortForms: string[]
}

/** The names of what was shortened, skipped and failed, then the counts, alone on the last line. */
export function describeTally({ passed, failed, skipped, unsteady, shortForms }: Tally): string {
  return [
    ...(shortForms.length > 0
      ? ['short forms (scripts/test --long takes the long ones):', ...shortForms.map((what) => `  ${what}`)]
      : []),
    ...skipped.map((name) => `skipped: ${name}`),
    ...unsteady.map((name) => `passed at the second attempt only: ${name}`),
    ...failed.map((name) => `FAILED: ${name}`),
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
  ].join('\n')
}
