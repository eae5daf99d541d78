import type { ArchiveFacts } from '../archive-facts.ts'
import type { MemberTree } from '../tar/member-tree.ts'

/** What was trained, by the folders that a Rasa 1 or 2 archive has; `undefined` where it has neither of them. */
export function rasa2TrainingType(tree: MemberTree): ArchiveFacts['trainingType'] {
  const core = tree.hasFolder('core')
  const nlu = tree.hasFolder('nlu')
  if (core && nlu) return 'both'
  if (core) return 'core'
  return nlu ? 'nlu' : undefined
}

/** What a Rasa 2 archive lacks without which no bot can use it. */
export const NEITHER_CORE_NOR_NLU =
  'has neither of the folders core and nlu, of which a Rasa 2 model has at least one'
