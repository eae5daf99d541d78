import type { ArchiveFacts, NameList } from '../archive-facts.ts'
import type { ListDifference } from './archive-differences.ts'

/** How people tell components of one name apart: the second is `Name (2)`. */
export function componentLabels(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}

/** What each component of the second list, by its label, is called in the first one; those that only one has are left out. */
export function componentCounterparts(
  from: ArchiveFacts,
  to: ArchiveFacts,
  list: NameList,
): ReadonlyMap<string, string> {
  const { before, after } = pairComponents(from, to, list)
  return new Map(
    after.flatMap(({ label, counterpart }) => {
      const other = counterpart === undefined ? undefined : before[counterpart]
      return other === undefined ? [] : [[label, other.label] as const]
    }),
  )
}

/** A component or policy at its place. */
interface Component {
  name: string
  definition: string
  /** @see componentLabels */
  label: string
  /** Where its counterpart stands in the other list. */
  counterpart?: number
}

/** Compares two lists that have an order and may have a name several times. */
export function compareComponents(
  from: ArchiveFacts,
  to: ArchiveFacts,
  list: NameList,
): Pick<ListDifference, 'added' | 'removed' | 'changed' | 'isReordered'> {
  const { before, after, isUnchanged, areDefinitionsKnown } = pairComponents(from, to, list)
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

/** Pairs first what is the same with its settings, then, of the rest, what has the same name. */
function pairComponents(
  from: ArchiveFacts,
  to: ArchiveFacts,
  list: NameList,
): {
  before: Component[]
  after: Component[]
  isUnchanged: ReadonlySet<Component>
  areDefinitionsKnown: boolean
} {
  const areDefinitionsKnown = from.definitions !== undefined && to.definitions !== undefined
  const before = componentsOf(from, list)
  const after = componentsOf(to, list)
  if (areDefinitionsKnown) match(before, after, (one, other) => one.definition === other.definition)
  const isUnchanged = new Set(after.filter(({ counterpart }) => counterpart !== undefined))
  match(before, after, () => true)
  return { before, after, isUnchanged, areDefinitionsKnown }
}

function componentsOf(facts: ArchiveFacts, list: NameList): Component[] {
  const names = facts[list] ?? []
  const labels = componentLabels(names)
  const definitions = facts.definitions?.[list]
  return names.map((name, index) => ({
    name,
    definition: definitions?.[index] ?? '',
    label: labels[index] ?? name,
  }))
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
