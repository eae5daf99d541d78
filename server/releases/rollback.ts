import type { TagTarget } from './tag.ts'

/**
 * Where a tag goes when it is rolled back: the release it pointed at before it was brought to where it is.
 *
 * Going back undoes; it is not one more step forward. After 1 → 2 → 3 → 2 the next step back is 1, not 3: whoever
 * rolls back twice must not get the bad release again. So a move to a release that the tag had before takes
 * everything after it off the path.
 *
 * @param targets Where the tag was moved to, oldest first.
 * @returns undefined where there is nothing earlier.
 */
export function releaseBefore(targets: readonly TagTarget[]): number | undefined {
  return releasesBefore(targets).at(-1)
}

/** All releases that a tag can go back to, one step after the other: the last is the first to go to. */
export function releasesBefore(targets: readonly TagTarget[]): number[] {
  const path: number[] = []
  const existing = new Set<number>()
  for (const { release, exists } of targets) {
    if (release === null) continue
    if (exists) existing.add(release)
    const visited = path.lastIndexOf(release)
    if (visited === -1) path.push(release)
    else path.length = visited + 1
  }
  return path.slice(0, -1).filter((release) => existing.has(release))
}
