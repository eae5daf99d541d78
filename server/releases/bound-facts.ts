import { NAME_LISTS } from '../../archives/archive-facts.ts'
import type { ArchiveFacts, NameList } from '../../archives/archive-facts.ts'

/** Far more than honest archives say of themselves: a bot of 1,000 intents and responses needs some 100 KiB. */
const MOST_BYTES = 256 * 1024

/** Lists of releases show these: a thousand releases at a time. */
const MOST_WARNINGS = 20
const LONGEST_MESSAGE = 1_000

/**
 * Keeps what inspection learned within bounds, whatever an archive calls its intents.
 *
 * @param mostBytes What it may take as JSON.
 * @returns The same where it fits. Otherwise the longest lists lose their ends, and `cut` says how long they were.
 */
export function boundFacts(facts: ArchiveFacts, mostBytes = MOST_BYTES): ArchiveFacts {
  const { warnings, accepted = [] } = facts
  const cut = { ...facts.cut }
  if (warnings.length > MOST_WARNINGS) cut['warnings'] = warnings.length
  if (accepted.length > MOST_WARNINGS) cut['accepted'] = accepted.length
  const bounded: ArchiveFacts = { ...facts, warnings: boundMessages(warnings) }
  if (accepted.length > 0) bounded.accepted = boundMessages(accepted)
  let bytes = bytesOf(bounded)
  while (bytes > mostBytes) {
    const longest = longestList(bounded)
    if (longest === undefined) break
    const { name, list } = longest
    cut[name] ??= list.length
    cutList(bounded, name, Math.floor(list.length / 2))
    bytes -= longest.bytes - bytesOfList(bounded, name)
  }
  return Object.keys(cut).length === 0 ? bounded : { ...bounded, cut }
}

function boundMessages<Message extends { message: string }>(messages: readonly Message[]): Message[] {
  return messages.slice(0, MOST_WARNINGS).map((each) => ({
    ...each,
    message:
      each.message.length > LONGEST_MESSAGE ? `${each.message.slice(0, LONGEST_MESSAGE - 1)}…` : each.message,
  }))
}

function cutList(facts: ArchiveFacts, name: NameList, length: number): void {
  facts[name] = facts[name]?.slice(0, length) ?? []
  const definitions = facts.definitions?.[name]
  if (definitions !== undefined)
    facts.definitions = { ...facts.definitions, [name]: definitions.slice(0, length) }
}

/** The list that takes most; undefined where all are empty. */
function longestList(facts: ArchiveFacts): { name: NameList; list: string[]; bytes: number } | undefined {
  return NAME_LISTS.flatMap((name) => {
    const list = facts[name] ?? []
    return list.length > 0 ? [{ name, list, bytes: bytesOfList(facts, name) }] : []
  })
    .sort((one, other) => other.bytes - one.bytes)
    .at(0)
}

function bytesOfList(facts: ArchiveFacts, name: NameList): number {
  return bytesOf(facts[name] ?? []) + bytesOf(facts.definitions?.[name] ?? [])
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
