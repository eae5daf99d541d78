import { createHash } from 'node:crypto'
import type { AuditEntry, AuditHead } from './audit.ts'

/** What the first entry that ever was has as `previous`. */
export const NO_ENTRY: AuditHead = { sequence: 0, hash: '0'.repeat(64) }

/** The action of entries that say which ones were dropped in good order. */
export const CHECKPOINT = 'audit.checkpoint'

/** The fields that are hashed, in this order for good; what comes later is a field within `after`. */
const HASHED = [
  ...(['previous', 'sequence', 'at', 'actor', 'subject', 'address', 'request', 'action'] as const),
  ...(['model', 'tag', 'before', 'after'] as const),
]

/** The SHA-256 that an entry must have, over all its other fields. */
export function hashOfEntry(entry: Omit<AuditEntry, 'hash'>): string {
  const text = JSON.stringify(HASHED.map((field) => canonical(entry[field])))
  return createHash('sha256').update(text).digest('hex')
}

/** What is wrong with a chain. */
export interface ChainFault {
  /** The sequence number at which it shows. */
  readonly sequence: number
  readonly message: string
}

/**
 * Checks a chain entry by entry, in order. A chain may begin behind entries that were dropped, if a checkpoint further on says so.
 */
export class AuditChainCheck {
  #first: AuditEntry | undefined
  #last: AuditHead | undefined
  #count = 0
  #isBeginningKnown = false
  #seen = new Map<number, string>()

  /** @param expected Heads that were seen before: these entries must be there, as they were, unless a checkpoint dropped them. */
  constructor(expected: readonly AuditHead[] = []) {
    for (const { sequence, hash } of expected) this.#seen.set(sequence, hash)
  }

  get count(): number {
    return this.#count
  }

  /** The last entry that was taken. */
  get head(): AuditHead {
    return this.#last ?? NO_ENTRY
  }

  /** Takes the next entry. @returns what is wrong with it; undefined: nothing. */
  take(entry: AuditEntry): ChainFault | undefined {
    const { sequence, previous, hash } = entry
    const fault = (message: string): ChainFault => ({ sequence, message })
    if (hashOfEntry(entry) !== hash) return fault('it is not as it was written: its hash does not match')
    if (this.#last === undefined) {
      this.#first = entry
      if (sequence === 1 && previous !== NO_ENTRY.hash) return fault('it says that entries come before it')
      const before = this.#seen.get(sequence - 1)
      if (before !== undefined && before !== previous)
        return fault('it does not follow the entry that was seen before it')
      this.#isBeginningKnown = sequence === 1
    } else {
      if (sequence !== this.#last.sequence + 1)
        return fault(`it follows entry ${this.#last.sequence}: entries are missing, or out of order`)
      if (previous !== this.#last.hash) return fault('it does not belong to the entry before it')
    }
    const expected = this.#seen.get(sequence)
    if (expected !== undefined && expected !== hash) return fault('it is another one than was seen before')
    if (this.#isCheckpointOfBeginning(entry)) this.#isBeginningKnown = true
    this.#last = { sequence, hash }
    this.#count++
    return undefined
  }

  /**
   * Looks at the chain as a whole, after its last entry.
   *
   * @param head What the server says is the last entry; undefined where nobody says.
   */
  end(head?: AuditHead): ChainFault | undefined {
    const last = this.head
    if (head !== undefined && (head.sequence !== last.sequence || head.hash !== last.hash)) {
      return {
        sequence: last.sequence,
        message: `entries after it are missing: the last one is ${head.sequence}`,
      }
    }
    const beyond = Math.max(0, ...this.#seen.keys())
    if (beyond > last.sequence)
      return { sequence: last.sequence, message: `entries after it are missing: ${beyond} was seen before` }
    if (this.#first === undefined || this.#isBeginningKnown) return undefined
    const { sequence } = this.#first
    return {
      sequence,
      message: 'entries before it are missing, and no checkpoint says that they were dropped',
    }
  }

  #isCheckpointOfBeginning({ action, after }: AuditEntry): boolean {
    if (action !== CHECKPOINT || this.#first === undefined) return false
    const { dropped, hash } = after as { dropped?: unknown; hash?: unknown }
    return dropped === this.#first.sequence - 1 && hash === this.#first.previous
  }
}

/** JSON of the same value is the same text, in whatever order its keys came. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]))
}
