import { NAME_LISTS } from '../archive-facts.ts'
import type { ArchiveFacts, ArchiveWarning, NameList } from '../archive-facts.ts'
import { COMPARED_VALUES } from './archive-differences.ts'
import type {
  ArchiveDifferences,
  ComparedArchive,
  ComparedValue,
  ListDifference,
  ValueDifference,
} from './archive-differences.ts'
import { compareComponents } from './compare-components.ts'
import { compareNames } from './compare-names.ts'
import { loadingWarnings } from './loading-warnings.ts'

/** What differs between two archives, as far as inspection kept it. */
export function compareArchives(from: ComparedArchive, to: ComparedArchive): ArchiveDifferences {
  const warningsBefore = allWarnings(from)
  const warningsAfter = allWarnings(to)
  return {
    isSame: from.digest === to.digest,
    values: compareValues(from, to),
    lists: Object.fromEntries(
      NAME_LISTS.map((list) => [list, compareLists(from.facts, to.facts, list)]),
    ) as Record<NameList, ListDifference>,
    warnings: {
      added: without(warningsAfter, warningsBefore),
      removed: without(warningsBefore, warningsAfter),
    },
  }
}

function allWarnings({ facts, size }: ComparedArchive): ArchiveWarning[] {
  return [...facts.warnings, ...loadingWarnings(facts, size)]
}

function without(warnings: readonly ArchiveWarning[], others: readonly ArchiveWarning[]): ArchiveWarning[] {
  const messages = new Set(others.map(({ message }) => message))
  return warnings.filter(({ message }) => !messages.has(message))
}

function compareValues(
  from: ComparedArchive,
  to: ComparedArchive,
): Partial<Record<ComparedValue, ValueDifference>> {
  const differing = COMPARED_VALUES.map((name) => [name, valueOf(from, name), valueOf(to, name)] as const)
    .filter(([, before, after]) => before !== after)
    .map(([name, before, after]) => [name, { from: before, to: after }])
  return Object.fromEntries(differing) as Partial<Record<ComparedValue, ValueDifference>>
}

function valueOf({ facts, size }: ComparedArchive, name: ComparedValue): string | number | null {
  return name === 'size' ? size : (facts[name] ?? null)
}

function compareLists(from: ArchiveFacts, to: ArchiveFacts, list: NameList): ListDifference {
  const counts = { from: countOf(from, list), to: countOf(to, list) }
  const isOrdered = list === 'pipeline' || list === 'policies'
  const isCut = [from, to].some(({ cut }) => cut?.[list] !== undefined)
  // The beginning of an ordered list says nothing about what stands where in the whole of it.
  if (counts.from === null || counts.to === null || (isOrdered && isCut))
    return { compared: 'none', ...counts, added: [], removed: [], changed: null, isReordered: false }
  const compared = isCut ? 'part' : 'whole'
  const differing = isOrdered ? compareComponents(from, to, list) : compareNames(from, to, list)
  return { compared, ...counts, ...differing }
}

/**
 * How many names a list has. Rasa 3 leaves empty lists out; the files of Rasa 2 that are inspected do not name the
 * components, nor, where only NLU was trained, the domain.
 */
function countOf({ format, cut, ...facts }: ArchiveFacts, list: NameList): number | null {
  return cut?.[list] ?? facts[list]?.length ?? (format === 2 ? null : 0)
}
