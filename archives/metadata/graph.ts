import { ArchiveRefused } from '../archive-refused.ts'
import { digestOfDefinition } from './digest-of-definition.ts'
import type { NamedDefinition } from './keep-lists.ts'
import type { GraphNode } from './metadata-outline.ts'
import { MOST_NODES } from './metadata-outline.ts'
import { isRecord, TypedValues } from './typed-value.ts'

/**
 * The nodes of the graph that a bot runs, from `predict_schema`; none where there is none.
 *
 * @throws ArchiveRefused where it has another shape than Rasa gives it, or more nodes than any model has
 */
export function readGraph(metadata: TypedValues): GraphNode[] {
  const schema = new TypedValues(metadata.record('predict_schema') ?? {}, 'metadata.json')
  const nodes = Object.entries(schema.record('nodes') ?? {})
  if (nodes.length > MOST_NODES) {
    throw new ArchiveRefused(
      'archive-metadata-too-large',
      `the graph in metadata.json has ${nodes.length} nodes; at most ${MOST_NODES} are taken, and models have some forty`,
      { member: 'metadata.json', limit: MOST_NODES },
    )
  }
  return nodes.map(([name, value]) => {
    if (!isRecord(value)) throw schema.wrong('nodes', 'an object of objects')
    const node = new TypedValues(value, 'metadata.json')
    const resource = resourceOf(node)
    const uses = node.text('uses') ?? 'an unnamed class'
    const config = node.get('config')
    const settings =
      isRecord(config) && Object.keys(config).length > 0 ? digestOfDefinition(config) : undefined
    return {
      name,
      uses,
      ...(resource === undefined ? {} : { resource }),
      ...(settings === undefined ? {} : { settings }),
    }
  })
}

function resourceOf(node: TypedValues): string | undefined {
  const resource = node.record('resource')
  if (!resource) return undefined
  const name = resource['name']
  if (typeof name !== 'string' || name === '') throw node.wrong('resource', 'an object with a name')
  return name
}

/** `run_DIETClassifier3`: the class as config.yml names it, and its place there. */
const RUN = /^run_(.+?)(\d{1,4})$/

/**
 * The components of the pipeline and the policies, in the order of config.yml, by their classes: those of Rasa by
 * their name alone.
 */
export function graphLists(nodes: readonly GraphNode[]): {
  pipeline?: NamedDefinition[]
  policies?: NamedDefinition[]
} {
  return componentsOf(nodes.map(({ name, uses, settings }) => ({ node: name, uses, definition: settings })))
}

/** A node of the graph, and what config.yml sets for it. */
interface ConfiguredNode {
  node: string
  uses: string
  definition: unknown
}

/** The nodes that stand for a component or a policy of config.yml, in its order. */
export function componentsOf(nodes: readonly ConfiguredNode[]): {
  pipeline?: NamedDefinition[]
  policies?: NamedDefinition[]
} {
  const placed = nodes
    .map((each) => ({ ...each, place: Number(RUN.exec(each.node)?.[2] ?? Number.NaN) }))
    .filter(({ place }) => !Number.isNaN(place))
    .sort((a, b) => a.place - b.place)
    .map(({ uses, definition }) => ({ name: shortClass(uses), definition }))
  const isPolicy = ({ name }: NamedDefinition) => /Policy$/.test(name)
  const pipeline = placed.filter((component) => !isPolicy(component))
  const policies = placed.filter(isPolicy)
  return { ...(pipeline.length > 0 && { pipeline }), ...(policies.length > 0 && { policies }) }
}

/** The name of a class of Rasa's, the whole path of any other. */
export function shortClass(uses: string): string {
  return uses.startsWith('rasa.') ? uses.slice(uses.lastIndexOf('.') + 1) : uses
}
