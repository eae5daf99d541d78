import type { ArchiveFacts, NameList } from '../archive-facts.ts'
import type { ListDifference } from './archive-differences.ts'

/** A component or policy at its place. */
interface Component {
  name: string
  definition: string
  /** How people tell it from another of the same name: `Name (2)`. */
  label: string
  /** Where its counterpart stands in the other list. */
  counterpart?: number
}

/**
 * Compares two lists that have an order and may have a name several times: first what is the same with its settings,
 * then, of the rest, what has the same name.
 */
export function compareComponents(
  from: ArchiveFacts,
  to: ArchiveFacts,
  list: NameList,
): Pick<ListDifference, 'added' | 'removed' | 'changed' | 'isReordered'> {
  const areDefinitionsKnown = from.definitions !== undefined && to.definitions !== undefined
  const before = componentsOf(from, list)
  const after = componentsOf(to, list)
  if (areDefinitionsKnown) match(before, after, (one, other) => one.definition === other.definition)
  const isUnchanged = new Set(after.filter(({ counterpart }) => counterpart !== undefined))
  match(before, after, () => true)
  const places = after.flatMap(({ counterpart }) => (counterpart === undefined ? [] : [counterpart]))
  const isPaired = ({ counterpart }: Component): boolean => counterpart !== undefined
  return {
    added: after.filter((each) => !isPaired(each)).map(({ label }) => label),
    removed: before.filter((each) => !isPaired(each)).map(({ label }) => label),
    changed: areDefinitionsKnown
      ? after.filter((each) => isPaired(each) && !isUnchanged.has(each)).map(({ label }) => label)
      : null,
    isReordered: places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0)),
  }
}

function componentsOf(facts: ArchiveFacts, list: NameList): Component[] {
  const counts = new Map<string, number>()
  const definitions = facts.definitions?.[list]
  return (facts[list] ?? []).map((name, index) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const label = count === 1 ? name : `${name} (${count})`
    return { name, definition: definitions?.[index] ?? '', label }
  })
}

/** Pairs each component that has no counterpart yet with the first such one of its name for which `isSame`. */
function match(
  before: readonly Component[],
  after: readonly Component[],
  isSame: (one: Component, other: Component) => boolean,
): void {
  for (const [place, component] of after.entries()) {
    if (component.counterpart !== undefined) continue
    const counterpart = before.findIndex(
      (other) => other.counterpart === undefined && other.name === component.name && isSame(other, component),
    )
    const found = before[counterpart]
    if (found === undefined) continue
    component.counterpart = counterpart
    found.counterpart = place
  }
}
