import type { AcceptedRefusals } from '../acceptable-refusal.ts'
import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import { domainLists } from './domain-lists.ts'
import type { MemberTree } from '../tar/member-tree.ts'
import { missingComponents } from '../components/missing-components.ts'
import { instantOfIso } from './trained-at.ts'
import { trainingWarnings } from './training-warnings.ts'
import { TypedValues } from './typed-value.ts'

const TRAINING_TYPES = { 1: 'nlu', 2: 'core', 3: 'both', 4: 'end-to-end' } as const

/**
 * What a Rasa 3 archive says of itself in `metadata.json`, compared with what is in it.
 *
 * @throws ArchiveRefused where a key is of the wrong type, or a needed component is missing and that is not accepted
 */
export function rasa3Facts(
  metadata: Record<string, unknown>,
  tree: MemberTree,
  accept: AcceptedRefusals,
): Omit<ArchiveFacts, 'unpackedSize' | 'members'> {
  const values = new TypedValues(metadata, 'metadata.json')
  if (!['rasa_open_source_version', 'model_id', 'predict_schema'].some((key) => values.has(key))) {
    throw new ArchiveRefused(
      'archive-not-a-model',
      'metadata.json names neither a Rasa version nor a model id nor a graph; expected is that of a Rasa 3 model',
    )
  }
  const facts = {
    ...defined({
      rasaVersion: values.text('rasa_open_source_version'),
      trainedAt: trainedAt(values),
      modelId: values.text('model_id'),
      assistantId: values.text('assistant_id'),
      language: values.text('language'),
      trainingType: trainingType(values),
    }),
    ...domainLists(values.record('domain') ?? {}),
  }
  const graph = values.record('predict_schema')
  const missing = graph ? missingComponents(graph, facts, tree) : { warnings: [WITHOUT_GRAPH] }
  if (missing.refusal && !accept.has('archive-incomplete')) throw missing.refusal
  return {
    format: 3,
    ...facts,
    warnings: [...trainingWarnings(facts.trainingType), ...missing.warnings],
    ...(missing.refusal && {
      accepted: [{ code: 'archive-incomplete' as const, message: missing.refusal.message }],
    }),
  }
}

const WITHOUT_GRAPH: ArchiveWarning = {
  code: 'metadata-unreadable',
  message:
    'metadata.json has no predict_schema: whether components are missing cannot be seen, and Rasa 3 will not load it',
}

function trainedAt(values: TypedValues): string | undefined {
  const text = values.text('trained_at')
  if (text === undefined) return undefined
  const instant = instantOfIso(text)
  if (instant === undefined) throw values.wrong('trained_at', 'an ISO 8601 time')
  return instant
}

function trainingType(values: TypedValues): ArchiveFacts['trainingType'] {
  const type = values.get('training_type')
  if (type === undefined) return undefined
  if (typeof type !== 'number') throw values.wrong('training_type', 'a number')
  // A number of a Rasa to come is no reason to refuse its archives.
  return Object.hasOwn(TRAINING_TYPES, type) ? TRAINING_TYPES[type as keyof typeof TRAINING_TYPES] : undefined
}

/** Without the keys that have no value. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
