import type { ArchiveFacts } from '../archive-facts.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import { domainLists } from './domain-lists.ts'
import { graphLists, readGraph } from './graph.ts'
import { keepLists } from './keep-lists.ts'
import type { MetadataOutline } from './metadata-outline.ts'
import { missingMetadata } from './missing-metadata.ts'
import { isRasaVersion } from './rasa-version.ts'
import { instantOfIso } from './trained-at.ts'
import { TypedValues } from './typed-value.ts'

const TRAINING_TYPES = { 1: 'nlu', 2: 'core', 3: 'both', 4: 'end-to-end' } as const

/**
 * What a Rasa 3 archive says of itself in `metadata.json`.
 *
 * @throws ArchiveRefused where a key is of the wrong type
 */
export function outlineRasa3(metadata: Record<string, unknown>): MetadataOutline {
  const values = new TypedValues(metadata, 'metadata.json')
  if (!['rasa_open_source_version', 'model_id', 'predict_schema'].some((key) => values.has(key))) {
    throw new ArchiveRefused(
      'archive-not-a-model',
      'metadata.json names neither a Rasa version nor a model id nor a graph; expected is that of a Rasa 3 model',
    )
  }
  const nodes = readGraph(values)
  return {
    facts: {
      format: 3,
      ...defined({
        rasaVersion: rasaVersion(values),
        trainedAt: trainedAt(values),
        modelId: values.text('model_id'),
        assistantId: values.text('assistant_id'),
        language: values.text('language'),
        trainingType: trainingType(values),
      }),
      ...keepLists({ ...domainLists(values.record('domain') ?? {}), ...graphLists(nodes) }),
    },
    nodes,
    gaps: missingMetadata(values, nodes),
  }
}

function rasaVersion(values: TypedValues): string | undefined {
  const text = values.text('rasa_open_source_version')
  if (text !== undefined && !isRasaVersion(text)) {
    throw values.wrong('rasa_open_source_version', 'a version such as 3.6.21')
  }
  return text
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
