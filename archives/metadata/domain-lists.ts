import { NAME_LISTS } from '../archive-facts.ts'
import type { NameList } from '../archive-facts.ts'
import type { NamedDefinition } from './keep-lists.ts'
import { boundedText, isRecord } from './typed-value.ts'

/** What a domain names, and how it defines it. What has an unknown shape is left out, not refused. */
export function domainLists(domain: Record<string, unknown>): Partial<Record<NameList, NamedDefinition[]>> {
  const lists: Partial<Record<NameList, NamedDefinition[]>> = {}
  for (const list of NAME_LISTS) {
    const named = Object.hasOwn(domain, list) ? namedIn(domain[list]) : undefined
    if (named !== undefined) lists[list] = named
  }
  return lists
}

/** An object's keys; or a list of names, each alone or as the only key of its settings (`- bread: {roles: …}`). */
function namedIn(value: unknown): NamedDefinition[] | undefined {
  const named = Array.isArray(value)
    ? value.flatMap(namedBy)
    : isRecord(value)
      ? Object.entries(value)
      : undefined
  return named?.map(([name, definition]) => ({
    name: boundedText(name),
    definition: definition ?? undefined,
  }))
}

function namedBy(entry: unknown): [string, unknown][] {
  if (typeof entry === 'string') return [[entry, undefined]]
  const entries = isRecord(entry) ? Object.entries(entry) : []
  return entries.length === 1 ? entries : []
}
