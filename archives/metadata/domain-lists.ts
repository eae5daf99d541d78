import type { ArchiveFacts } from '../archive-facts.ts'
import { boundedText, isRecord } from './typed-value.ts'

/** One legal archive listed 170,000 intents; nobody reads more than these. */
const LONGEST_LIST = 1000

const LISTS = ['intents', 'entities', 'slots', 'responses', 'forms', 'actions'] as const

/** What a domain names, each list sorted and cut. What has an unknown shape is left out, not refused. */
export function domainLists(
  domain: Record<string, unknown>,
): Pick<ArchiveFacts, (typeof LISTS)[number] | 'cut'> {
  const lists: Partial<Record<(typeof LISTS)[number], string[]>> = {}
  const cut: Record<string, number> = {}
  for (const list of LISTS) {
    if (!Object.hasOwn(domain, list)) continue
    const names = namesIn(domain[list])
    if (!names) continue
    lists[list] = names.slice(0, LONGEST_LIST)
    if (names.length > LONGEST_LIST) cut[list] = names.length
  }
  return Object.keys(cut).length > 0 ? { ...lists, cut } : lists
}

/** An object's keys; or a list of names, each alone or as the only key of its settings (`- bread: {roles: …}`). */
function namesIn(value: unknown): string[] | undefined {
  const named = Array.isArray(value)
    ? value.flatMap(nameOf)
    : isRecord(value)
      ? Object.keys(value)
      : undefined
  return named && [...new Set(named.map(boundedText))].sort()
}

function nameOf(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry]
  const keys = isRecord(entry) ? Object.keys(entry) : []
  return keys.length === 1 ? keys : []
}
