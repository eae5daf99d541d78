import type { ArchiveFacts, NameList } from '../archive-facts.ts'
import type { ListDifference } from './archive-differences.ts'

/** Compares two sorted lists, as far as both were kept. */
export function compareNames(
  from: ArchiveFacts,
  to: ArchiveFacts,
  list: NameList,
): Pick<ListDifference, 'added' | 'removed' | 'changed' | 'isReordered'> {
  const ends = [from, to].flatMap((facts) => endOf(facts, list))
  const before = definitionsOf(from, list, ends)
  const after = definitionsOf(to, list, ends)
  const areDefinitionsKnown = from.definitions !== undefined && to.definitions !== undefined
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: areDefinitionsKnown
      ? [...after]
          .filter(([name, definition]) => (before.get(name) ?? definition) !== definition)
          .map(([name]) => name)
      : null,
    isReordered: false,
  }
}

/** The last name that was kept of a list that was cut: what is beyond is not known. Nothing for a whole list. */
function endOf(facts: ArchiveFacts, list: NameList): string[] {
  return facts.cut?.[list] === undefined ? [] : [facts[list]?.at(-1) ?? '']
}

/** The definitions of the names up to each of `ends`. */
function definitionsOf(facts: ArchiveFacts, list: NameList, ends: readonly string[]): Map<string, string> {
  const names = facts[list] ?? []
  const definitions = facts.definitions?.[list]
  return new Map(
    names
      .map((name, index) => [name, definitions?.[index] ?? ''] as const)
      .filter(([name]) => ends.every((end) => name <= end)),
  )
}
