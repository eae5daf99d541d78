import type { ArchiveFacts } from '../archive-facts.ts'
import { boundedText, isRecord } from './typed-value.ts'

/** One legal archive listed 170,000 intents; nobody reads more than these. */
const LONGEST_LIST = 1000

/** Bytes of one list as JSON: eight lists of this size and the rest stay below 256 KiB. */
const LARGEST_LIST = 24 * 1024

/** Whether a list is in order already (`pipeline`), or sorted by name. */
const LISTS = {
  intents: 'sorted',
  entities: 'sorted',
  slots: 'sorted',
  responses: 'sorted',
  forms: 'sorted',
  actions: 'sorted',
  pipeline: 'ordered',
  policies: 'ordered',
} as const

type List = keyof typeof LISTS

/** What a domain and a graph name, each list cut. What has an unknown shape is left out, not refused. */
export function domainLists(named: Record<string, unknown>): Pick<ArchiveFacts, List | 'cut'> {
  const lists: Partial<Record<List, string[]>> = {}
  const cut: Record<string, number> = {}
  for (const [list, order] of Object.entries(LISTS) as [List, 'sorted' | 'ordered'][]) {
    const names = Object.hasOwn(named, list) ? namesIn(named[list]) : undefined
    if (!names) continue
    const all = order === 'sorted' ? [...new Set(names)].sort() : names
    lists[list] = beginning(all)
    if (lists[list].length < all.length) cut[list] = all.length
  }
  return Object.keys(cut).length > 0 ? { ...lists, cut } : lists
}

/** As many of the names as are kept. */
function beginning(names: readonly string[]): string[] {
  const kept: string[] = []
  let bytes = 2
  for (const name of names.slice(0, LONGEST_LIST)) {
    bytes += Buffer.byteLength(JSON.stringify(name)) + 1
    if (bytes > LARGEST_LIST) break
    kept.push(name)
  }
  return kept
}

/** An object's keys; or a list of names, each alone or as the only key of its settings (`- bread: {roles: …}`). */
function namesIn(value: unknown): string[] | undefined {
  const named = Array.isArray(value)
    ? value.flatMap(nameOf)
    : isRecord(value)
      ? Object.keys(value)
      : undefined
  return named?.map(boundedText)
}

function nameOf(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry]
  const keys = isRecord(entry) ? Object.keys(entry) : []
  return keys.length === 1 ? keys : []
}
