import type { TagMove } from './tag.ts'

/**
 * Where a tag goes when it is rolled back: the release it pointed at before it was brought to where it is.
 *
 * Going back undoes; it is not one more step forward. After 1 → 2 → 3 → 2 the next step back is 1, not 3: whoever
 * rolls back twice must not get the bad release again. So a move to a release that the tag had before takes
 * everything after it off the path.
 *
 * @param moves The tag's history, oldest first.
 * @param exists Whether a release can still be pointed at.
 * @returns undefined where there is nothing earlier.
 */
export function releaseBefore(
  moves: readonly TagMove[],
  exists: (release: number) => boolean,
): number | undefined {
  const path: number[] = []
  for (const { to } of moves) {
    if (to === null) continue
    const visited = path.lastIndexOf(to)
    if (visited === -1) path.push(to)
    else path.length = visited + 1
  }
  return path.slice(0, -1).findLast(exists)
}
