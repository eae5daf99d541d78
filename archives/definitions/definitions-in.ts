import { DEFAULT_ARCHIVE_LIMITS } from '../archive-limits.ts'
import type { NameList } from '../archive-facts.ts'
import { componentLabels } from '../differences/compare-components.ts'
import { domainLists } from '../metadata/domain-lists.ts'
import { componentsOf } from '../metadata/graph.ts'
import type { NamedDefinition } from '../metadata/keep-lists.ts'
import type { MetadataFiles } from '../metadata/metadata-outline.ts'
import { parseMetadata } from '../metadata/parse-metadata.ts'
import { TypedValues, isRecord } from '../metadata/typed-value.ts'

/** What an archive defines, by list and by name, or by label in the lists that have an order. */
export type Definitions = Partial<Record<NameList, ReadonlyMap<string, unknown>>>

/**
 * Reads what an archive defines under its names.
 *
 * @param files Its JSON files, as Rasa 3 or Rasa 2 names them.
 * @throws ArchiveRefused where one of them is not what Rasa writes
 */
export function definitionsIn(files: MetadataFiles): Definitions {
  const metadata = parsed(files, 'metadata.json')
  if (metadata === undefined) return byName(domainLists(parsed(files, 'core/domain.json') ?? {}))
  const values = new TypedValues(metadata, 'metadata.json')
  const schema = new TypedValues(values.record('predict_schema') ?? {}, 'metadata.json')
  const nodes = Object.entries(schema.record('nodes') ?? {}).map(([node, value]) => ({
    node,
    uses: isRecord(value) && typeof value['uses'] === 'string' ? value['uses'] : 'an unnamed class',
    definition: isRecord(value) ? value['config'] : undefined,
  }))
  const { pipeline = [], policies = [] } = componentsOf(nodes)
  return {
    ...byName(domainLists(values.record('domain') ?? {})),
    pipeline: byLabel(pipeline),
    policies: byLabel(policies),
  }
}

function parsed(files: MetadataFiles, member: string): Record<string, unknown> | undefined {
  const bytes = files[member]
  return bytes && parseMetadata(Buffer.from(bytes), member, DEFAULT_ARCHIVE_LIMITS.metadataDepth)
}

function byName(lists: Partial<Record<NameList, NamedDefinition[]>>): Definitions {
  return Object.fromEntries(
    Object.entries(lists).map(([list, named]) => [
      list,
      new Map(named.map(({ name, definition }) => [name, definition])),
    ]),
  )
}

function byLabel(components: readonly NamedDefinition[]): ReadonlyMap<string, unknown> {
  const labels = componentLabels(components.map(({ name }) => name))
  return new Map(components.map(({ name, definition }, index) => [labels[index] ?? name, definition]))
}
