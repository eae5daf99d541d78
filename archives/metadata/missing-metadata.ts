import type { GraphNode } from './metadata-outline.ts'
import type { TypedValues } from './typed-value.ts'

/**
 * Keys that every Rasa 3 reads with `serialized[key]` (rasa/engine/storage/storage.py, ModelMetadata.from_dict):
 * without one of them no bot loads the archive.
 */
const READ_BY_EVERY_RASA_3 = [
  'trained_at',
  'rasa_open_source_version',
  'model_id',
  'domain',
  'train_schema',
  'predict_schema',
  'training_type',
  'project_fingerprint',
  'core_target',
  'nlu_target',
  'language',
]

/** Those of them that may not be null. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  'trained_at',
  'rasa_open_source_version',
  'domain',
  'train_schema',
  'predict_schema',
  'training_type',
])

/** What `metadata.json` lacks without which Rasa 3 cannot load the model, or fails every message. */
export function missingMetadata(values: TypedValues, nodes: readonly GraphNode[]): string[] {
  const gaps = READ_BY_EVERY_RASA_3.filter(
    (key) => !values.hasKey(key) || (NEVER_NULL.has(key) && !values.has(key)),
  ).map((key) => `lacks "${key}" in metadata.json`)
  if (!values.has('predict_schema')) return gaps
  if (nodes.length === 0) return [...gaps, 'has an empty graph in "predict_schema" of metadata.json']
  const names = new Set(nodes.map(({ name }) => name))
  const strays = ['nlu_target', 'core_target'].filter((key) => {
    const target = values.get(key)
    return typeof target === 'string' && !names.has(target)
  })
  return [
    ...gaps,
    ...strays.map((key) => `names as "${key}" in metadata.json a node that its graph does not have`),
  ]
}
