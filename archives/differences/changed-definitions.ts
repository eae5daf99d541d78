import { NAME_LISTS, type NameList } from '../archive-facts.ts'
import type { Definitions } from '../definitions/definitions-in.ts'
import { definitionText } from '../definitions/definition-text.ts'
import type { ArchiveDifferences, ComparedArchive } from './archive-differences.ts'
import { componentCounterparts } from './compare-components.ts'

/** What was changed under one name, as text to be compared line by line; each is cut at 2,000 characters. */
export interface ChangedDefinition {
  before: string
  after: string
}

/** What was changed, by list and by the name in `changed` of its difference. */
export type ChangedDefinitions = Partial<Record<NameList, Record<string, ChangedDefinition>>>

/** What was changed inside of definitions, or why it is not known. */
export type ReadChanges = { definitions: ChangedDefinitions } | { definitionsUnread: string }

/** Whether something differs in its definition, and the archives are worth reading again. */
export function areDefinitionsChanged({ lists }: Pick<ArchiveDifferences, 'lists'>): boolean {
  return Object.values(lists).some(({ changed }) => changed !== null && changed.length > 0)
}

/** Characters of all texts together; what does not fit is left out. */
const MOST_CHARACTERS = 256 * 1024

/** The old and the new text of everything that differs in its definition, as far as there is room. */
export function changedDefinitions(
  { lists }: Pick<ArchiveDifferences, 'lists'>,
  from: Pick<ComparedArchive, 'facts'> & { definitions: Definitions },
  to: Pick<ComparedArchive, 'facts'> & { definitions: Definitions },
): ChangedDefinitions {
  let room = MOST_CHARACTERS
  const changed: ChangedDefinitions = {}
  for (const list of NAME_LISTS) {
    const labelBefore = counterparts(list, from, to)
    const texts = (lists[list].changed ?? []).flatMap((name) => {
      if (room < 0) return []
      const text = {
        before: definitionText(from.definitions[list]?.get(labelBefore(name))),
        after: definitionText(to.definitions[list]?.get(name)),
      }
      room -= name.length + text.before.length + text.after.length
      return room < 0 ? [] : [[name, text] as const]
    })
    if (texts.length > 0) changed[list] = Object.fromEntries(texts)
  }
  return changed
}

/** What a name of the second archive is called in the first one. */
function counterparts(
  list: NameList,
  from: Pick<ComparedArchive, 'facts'>,
  to: Pick<ComparedArchive, 'facts'>,
): (name: string) => string {
  if (list !== 'pipeline' && list !== 'policies') return (name) => name
  const labels = componentCounterparts(from.facts, to.facts, list)
  return (name) => labels.get(name) ?? name
}
