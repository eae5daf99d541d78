import type { GraphNode } from '../metadata/metadata-outline.ts'
import { shownName } from '../shown-name.ts'
import type { MemberTree, TreeFile } from '../tar/member-tree.ts'
import type { ComponentRule } from './component-rules.ts'
import { ruleFor } from './component-rules.ts'

/** What was found in the folder of one component, as a part of a sentence. */
export interface ComponentFinding {
  /** The folder below `components/`. */
  resource: string
  /** `problem`: no bot can use the model; `warning`: it may be as it should. */
  kind: 'problem' | 'warning'
  text: string
}

/**
 * Compares the graph that a bot will run with what lies in `components/`. Rasa itself does not: it takes many a
 * broken archive, acknowledges it, and then fails every message.
 */
export function inspectComponents(nodes: readonly GraphNode[], tree: MemberTree): ComponentFinding[] {
  const findings = new Map<string, ComponentFinding>()
  for (const { uses, resource } of nodes) {
    if (resource === undefined) continue
    for (const finding of findingsOf(uses, resource, tree)) {
      // Nodes may share a resource: what one of them needs is needed.
      if (finding.kind === 'problem' || !findings.has(finding.text)) findings.set(finding.text, finding)
    }
  }
  return [...findings.values()]
}

function findingsOf(uses: string, resource: string, tree: MemberTree): ComponentFinding[] {
  const rule = ruleFor(uses)
  const segments = ['components', ...resource.split('/')]
  const folder = `components/${shownName(resource)}`
  const shown = shownName(resource)
  if (!tree.hasFolder(...segments)) {
    if (rule.folder === 'optional') return []
    const text = `has no folder ${folder} for ${shownName(uses)}`
    return [{ resource: shown, kind: rule.folder === 'needed' ? 'problem' : 'warning', text }]
  }
  // Other people's components read their files as they like.
  if (!uses.startsWith('rasa.')) return []
  const files = tree.filesIn(...segments)
  return [...lacking(rule, resource, files), ...damaged(files)].map((what) => ({
    resource: shown,
    kind: 'problem' as const,
    text: what.replace('%', folder),
  }))
}

function lacking(rule: ComponentRule, resource: string, files: readonly TreeFile[]): string[] {
  const names = new Set(files.map(({ name }) => name))
  // Up to 3.6.20 Rasa wrote pickles, under other names.
  if (files.some(({ name }) => /\.(pkl|joblib)$/.test(name))) return []
  if (rule.ifAny && !rule.ifAny.some((name) => names.has(name))) return []
  const needed = rule.files?.(resource) ?? []
  return needed.filter((name) => !names.has(name)).map((name) => `has no %/${shownName(name)}`)
}

function damaged(files: readonly TreeFile[]): string[] {
  return files.flatMap(({ name, size, damage }) => {
    if (damage !== undefined) return [`has a %/${shownName(name)} that ${damage}`]
    return size === 0 && /\.tf_model\.data-/.test(name) ? [`has a %/${shownName(name)} that is empty`] : []
  })
}
