import type { ReleaseDiff } from '../../protocol/release-diff.ts'

type Lists = ReleaseDiff['lists']

/** What differs between one list of two releases. */
export interface ChangedList {
  readonly name: keyof Lists
  readonly difference: Lists[keyof Lists]
}

/** The lists in which something differs, or of which it cannot be said. */
export function changedLists({ lists }: Pick<ReleaseDiff, 'lists'>): ChangedList[] {
  return (Object.keys(lists) as (keyof Lists)[])
    .map((name) => ({ name, difference: lists[name] }))
    .filter(({ difference }) => {
      const { added, removed, changed, isReordered, compared, from, to } = difference
      const hasChanged = added.length + removed.length + (changed?.length ?? 0) > 0 || isReordered
      return hasChanged || (compared !== 'whole' && ((from ?? 0) > 0 || (to ?? 0) > 0))
    })
}

/** How far two lists could be compared; empty where they were as a whole. */
export function sayCompared({ compared, changed }: Pick<Lists[keyof Lists], 'compared' | 'changed'>): string {
  if (compared === 'none') return 'One of the archives does not say what it has.'
  if (compared === 'part') return 'Only the first names were compared: one of the lists is too long to keep.'
  return changed === null
    ? 'Whether those in both are defined alike is not known: an earlier Slipway inspected one.'
    : ''
}
