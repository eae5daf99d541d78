import { NAME_LISTS } from '../archive-facts.ts'
import type { ArchiveFacts, NameList } from '../archive-facts.ts'
import { digestOfDefinition } from './digest-of-definition.ts'

/** One legal archive listed 170,000 intents; nobody reads more than these. */
const LONGEST_LIST = 1000

/** Bytes of one list and its definitions as JSON: eight lists of this size and the rest stay below 256 KiB. */
const LARGEST_LIST = 28 * 1024

/** Bytes that a definition takes beside its name: 8 digits, two quotes and a comma. */
const DEFINITION_BYTES = 11

/** These are in order already; the others are sorted by name. */
const ORDERED: ReadonlySet<NameList> = new Set<NameList>(['pipeline', 'policies'])

/** A name, and what the archive defines under it; undefined where that is the name alone. */
export interface NamedDefinition {
  name: string
  definition: unknown
}

/** What is kept of the lists of an archive: their beginnings, and a digest in the place of each definition. */
export function keepLists(
  lists: Partial<Record<NameList, NamedDefinition[]>>,
): Pick<ArchiveFacts, NameList | 'definitions' | 'cut'> {
  const kept: Partial<Record<NameList, string[]>> = {}
  const definitions: Partial<Record<NameList, string[]>> = {}
  const cut: Record<string, number> = {}
  for (const list of NAME_LISTS) {
    const given = lists[list]
    if (given === undefined) continue
    const all = ORDERED.has(list) ? given : sortedOnce(given)
    const begun = beginning(all)
    kept[list] = begun.map(({ name }) => name)
    if (begun.some(({ definition }) => definition !== undefined)) {
      definitions[list] = begun.map(({ definition }) =>
        definition === undefined ? '' : digestOfDefinition(definition),
      )
    }
    if (begun.length < all.length) cut[list] = all.length
  }
  return { ...kept, definitions, ...(Object.keys(cut).length > 0 && { cut }) }
}

/** Sorted by name; of those with the same name the last. */
function sortedOnce(given: readonly NamedDefinition[]): NamedDefinition[] {
  const byName = new Map(given.map((each) => [each.name, each]))
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** As many as are kept. */
function beginning(all: readonly NamedDefinition[]): NamedDefinition[] {
  const kept: NamedDefinition[] = []
  let bytes = 4
  for (const each of all.slice(0, LONGEST_LIST)) {
    bytes += Buffer.byteLength(JSON.stringify(each.name)) + 1 + DEFINITION_BYTES
    if (bytes > LARGEST_LIST) break
    kept.push(each)
  }
  return kept
}
