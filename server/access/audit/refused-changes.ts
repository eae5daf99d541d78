import type { Catalog } from '../../catalog/catalog.ts'
import { addressGroup } from '../../fleet/address-group.ts'
import type { Clock } from '../../time/clock.ts'
import type { Actor } from './actor.ts'
import { appendChanges, type AuditState } from './audited-change.ts'

/** A change that was not made. */
export interface RefusedChange {
  readonly actor: Actor
  readonly method: string
  /** Without its query, which may carry a token. */
  readonly path: string
  readonly status: number
  readonly code: string
}

interface Kind {
  readonly first: RefusedChange
  readonly at: number
  count: number
}

/** Addresses, authors and reasons that are told apart within a minute; what is beyond is counted together. */
const MOST_KINDS = 20
/** Entries a day: some 100 MB a year, whatever is sent. Beyond it a minute is one entry. */
const MOST_A_DAY = 1_000
const DAY = 24 * 60 * 60_000
const LONGEST_PATH = 200

/**
 * Keeps refused changes until they are written down, once a minute: those from one address, by one author and for one reason as
 * one entry, with the first of them and how many there were. However many are sent, they take little room.
 */
export class RefusedChanges {
  readonly #kinds = new Map<string, Kind>()
  #others = 0
  #budget = MOST_A_DAY
  #budgetAt = 0

  note(refused: RefusedChange, now: number): void {
    const { actor, code } = refused
    const key = JSON.stringify([addressGroup(actor.address), actor.principal.name, code])
    const kind = this.#kinds.get(key)
    if (kind !== undefined) kind.count++
    else if (this.#kinds.size < Math.min(MOST_KINDS, Math.floor(this.#budget))) {
      this.#kinds.set(key, { first: refused, at: now, count: 1 })
    } else this.#others++
  }

  /** Writes down what was refused since the last call; to be called once a minute, and before anybody reads. */
  async flush(catalog: Catalog, clock: Clock): Promise<void> {
    const now = clock.now()
    const earned = (Math.max(0, now - this.#budgetAt) / DAY) * MOST_A_DAY
    this.#budget = Math.min(MOST_A_DAY, this.#budget + earned)
    this.#budgetAt = now
    const kinds = [...this.#kinds]
    const others = this.#others
    if (kinds.length === 0 && others === 0) return
    this.#kinds.clear()
    this.#others = 0
    this.#budget -= kinds.length
    try {
      await catalog.writeShared(async (writer) => {
        for (const [, kind] of kinds) {
          const change = { action: 'refused', before: null, after: stateOf(kind) }
          await appendChanges(writer, [change], kind.first.actor, now)
        }
        const after = { count: others }
        if (others > 0)
          await appendChanges(writer, [{ action: 'refused', before: null, after }], undefined, now)
      })
    } catch (error) {
      this.#keep(kinds, others)
      throw error
    }
  }

  /** Keeps what could not be written for the next time, beside what came meanwhile. */
  #keep(kinds: readonly (readonly [key: string, kind: Kind])[], others: number): void {
    this.#budget += kinds.length
    this.#others += others
    for (const [key, kind] of kinds) {
      const later = this.#kinds.get(key)
      if (later === undefined && this.#kinds.size >= MOST_KINDS) this.#others += kind.count
      else this.#kinds.set(key, { ...kind, count: kind.count + (later?.count ?? 0) })
    }
  }
}

function stateOf({ first: { method, path, status, code }, at, count }: Kind): AuditState {
  const firstAt = new Date(at).toISOString()
  return { method, path: path.slice(0, LONGEST_PATH), status, code, count, firstAt }
}
