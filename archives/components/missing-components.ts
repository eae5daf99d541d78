import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import type { MemberTree } from '../tar/member-tree.ts'
import { configOf, isNeeded } from './needed-components.ts'
import { shownName } from '../shown-name.ts'
import { isRecord, TypedValues } from '../metadata/typed-value.ts'

/** Beyond these a list says nothing more. */
const MOST_SHOWN = 20

interface MissingComponent {
  resource: string
  uses: string
  needed: boolean
}

/**
 * Compares the graph that a bot will run with the folders that are there. Rasa itself does not: it takes the
 * archive, acknowledges it, and then fails every message.
 *
 * @param predictSchema from `metadata.json`
 * @returns the refusal, where a component is missing without which the bot is broken, and the warnings
 */
export function missingComponents(
  predictSchema: Record<string, unknown>,
  facts: Pick<ArchiveFacts, 'trainingType' | 'intents'>,
  tree: MemberTree,
): { refusal?: ArchiveRefused; warnings: ArchiveWarning[] } {
  const missing = findMissing(predictSchema, facts, tree)
  const needed = missing.filter((component) => component.needed)
  const warnings = warningsOf(missing.filter((component) => !component.needed))
  return needed.length > 0 ? { refusal: refusalOf(needed), warnings } : { warnings }
}

function refusalOf(needed: MissingComponent[]): ArchiveRefused {
  const shown = needed.slice(0, MOST_SHOWN)
  const names = shown.map(({ resource, uses }) => `components/${resource} of ${uses}`)
  return new ArchiveRefused(
    'archive-incomplete',
    `the archive lacks ${names.join(', ')}${more(needed)}: Rasa would load it and then fail messages; train again, and pack the whole model`,
    { components: shown.map(({ resource }) => resource) },
  )
}

function warningsOf(missing: MissingComponent[]): ArchiveWarning[] {
  return missing.slice(0, MOST_SHOWN).map(({ resource, uses }, index) => ({
    code: 'component-missing',
    message:
      `the archive has no folder components/${resource} for ${uses}: right where that has learned nothing, wrong otherwise` +
      (index === MOST_SHOWN - 1 ? more(missing) : ''),
  }))
}

function findMissing(
  predictSchema: Record<string, unknown>,
  facts: Pick<ArchiveFacts, 'trainingType' | 'intents'>,
  tree: MemberTree,
): MissingComponent[] {
  const schema = new TypedValues(predictSchema, 'metadata.json')
  // The domain in an NLU-only archive is empty, yet there is no such training without intents.
  const classifies = facts.trainingType === 'nlu' || (facts.intents?.length ?? 0) >= 2
  const missing = new Map<string, MissingComponent>()
  for (const node of Object.values(schema.record('nodes') ?? {})) {
    if (!isRecord(node)) throw schema.wrong('nodes', 'an object of objects')
    const resource = resourceOf(node)
    if (resource === undefined || tree.hasFolder('components', ...resource.split('/'))) continue
    const uses = new TypedValues(node, 'metadata.json').text('uses') ?? 'an unnamed class'
    const needed = isNeeded({ uses, config: configOf(node), classifies })
    // Several nodes may share a resource: what one of them needs is needed.
    if (needed || !missing.has(resource)) {
      missing.set(resource, { resource: shownName(resource), uses: shownName(uses), needed })
    }
  }
  return [...missing.values()]
}

function resourceOf(node: Record<string, unknown>): string | undefined {
  const resource = new TypedValues(node, 'metadata.json').record('resource')
  if (!resource) return undefined
  const name = resource['name']
  if (typeof name !== 'string' || name === '') {
    throw new TypedValues(node, 'metadata.json').wrong('resource', 'an object with a name')
  }
  return name
}

function more(all: readonly unknown[]): string {
  return all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : ''
}
