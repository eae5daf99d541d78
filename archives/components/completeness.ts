import type { AcceptedRefusals } from '../acceptable-refusal.ts'
import type { ArchiveFacts, ArchiveWarning } from '../archive-facts.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import type { MetadataOutline } from '../metadata/metadata-outline.ts'
import type { MemberTree } from '../tar/member-tree.ts'
import type { ComponentFinding } from './inspect-components.ts'
import { inspectComponents } from './inspect-components.ts'

/** Beyond these a list says nothing more. */
const MOST_SHOWN = 20

/**
 * Judges whether a bot can load and use the model: what is certainly not so is refused, unless the publisher
 * accepts it; what may be right is a warning.
 *
 * @throws ArchiveRefused `archive-incomplete`
 */
export function judgeCompleteness(
  { nodes, gaps }: MetadataOutline,
  tree: MemberTree,
  accept: AcceptedRefusals,
): Pick<ArchiveFacts, 'warnings' | 'accepted'> {
  const findings = inspectComponents(nodes, tree)
  const refusal = refusalOf(
    gaps,
    findings.filter(({ kind }) => kind === 'problem'),
  )
  if (refusal && !accept.has('archive-incomplete')) throw refusal
  const warnings = warningsOf(findings.filter(({ kind }) => kind === 'warning'))
  return refusal
    ? { warnings, accepted: [{ code: 'archive-incomplete', message: refusal.message }] }
    : { warnings }
}

function refusalOf(
  gaps: readonly string[],
  problems: readonly ComponentFinding[],
): ArchiveRefused | undefined {
  const all = [...gaps, ...problems.map(({ text }) => text)]
  if (all.length === 0) return undefined
  const shown = all.slice(0, MOST_SHOWN).join(', ') + more(all)
  const components = [...new Set(problems.map(({ resource }) => resource))]
  return new ArchiveRefused(
    'archive-incomplete',
    `the archive ${shown}: Rasa would not load it, or fail every message; train again, and pack the whole model`,
    components.length > 0 ? { components: components.slice(0, MOST_SHOWN) } : {},
  )
}

function warningsOf(findings: readonly ComponentFinding[]): ArchiveWarning[] {
  return findings.slice(0, MOST_SHOWN).map(({ text }, index) => ({
    code: 'component-missing',
    message:
      `the archive ${text}: right where that has learned nothing, wrong otherwise` +
      (index === MOST_SHOWN - 1 ? more(findings) : ''),
  }))
}

function more(all: readonly unknown[]): string {
  return all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : ''
}
