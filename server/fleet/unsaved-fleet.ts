import type { NewEvent } from '../catalog/events.ts'
import type { Bot } from './bot.ts'
import type { FleetEvent } from './fleet-event.ts'
import { keyOf, namesOf } from './key-of.ts'

/** Events that wait for a catalog that fails; older ones are dropped. */
const MOST_EVENTS = 20_000
/** Processes to be written that wait for a catalog that fails; as many as are kept in memory unless it is set otherwise. */
const MOST_WAITING = 100_000

/** Names a process that is to be written. */
export interface UnsavedProcess {
  readonly model: string
  readonly process: string
}

/** What is written in one transaction. */
export interface UnsavedBatch {
  readonly changed: readonly UnsavedProcess[]
  readonly seen: readonly UnsavedProcess[]
  readonly forgotten: readonly UnsavedProcess[]
  readonly events: readonly NewEvent[]
}

/** What the catalog does not have yet: names of processes and events. Bounded by what memory holds of processes. */
export class UnsavedFleet {
  readonly #changed = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #forgotten = new Set<string>()
  /** Processes that the catalog has: memory holds them, or they are to be forgotten. So it never has many more than memory holds. */
  readonly #stored = new Set<string>()
  readonly #onDropped: (events: number) => void
  #events: NewEvent[] = []

  /** @param onDropped Told how many events give way to later ones. */
  constructor(onDropped: (events: number) => void = () => undefined) {
    this.#onDropped = onDropped
  }

  get isEmpty(): boolean {
    return this.#changed.size + this.#seen.size + this.#forgotten.size + this.#events.length === 0
  }

  /** The longest of its lists. */
  get size(): number {
    return Math.max(this.#changed.size, this.#seen.size, this.#forgotten.size, this.#events.length)
  }

  /** The process is to be written whole. */
  noteChanged(model: string, process: string): void {
    addBounded(this.#changed, keyOf(model, process), MOST_WAITING)
  }

  /** Only when it was heard is to be written. @param key Of model and process: each poll comes here, see `FleetMemory.take`. */
  noteSeen(key: string): void {
    addBounded(this.#seen, key, MOST_WAITING)
  }

  /** The catalog is to forget the process, where it has it: most invented names were gone before they were written. */
  noteForgotten(model: string, process: string): void {
    const key = keyOf(model, process)
    if (this.#stored.has(key)) this.#forgotten.add(key)
  }

  /** Whether more of a process is to be written than when it was heard. */
  isChanged(model: string, process: string): boolean {
    return this.#changed.has(keyOf(model, process))
  }

  /** The catalog has the process. */
  noteStored(model: string, process: string): void {
    this.#stored.add(keyOf(model, process))
  }

  /** The catalog has the process no more. */
  noteDeleted(model: string, process: string): void {
    this.#stored.delete(keyOf(model, process))
  }

  addEvents({ model, bot }: Pick<Bot, 'model' | 'bot'>, tag: string, events: readonly FleetEvent[]): void {
    for (const { kind, at, process, ...body } of events) {
      this.#events.push({ at, kind, model, tag, bot, process, body })
    }
    // Not for each event: it copies all of them.
    if (this.#events.length > MOST_EVENTS * 1.1) this.#keepNewest(this.#events)
  }

  /** Hands over some of it, conclusions first. @param limit How many processes, and how many events. */
  take(limit: number): UnsavedBatch {
    return {
      events: this.#events.splice(0, limit),
      changed: takeSome(this.#changed, limit),
      forgotten: takeSome(this.#forgotten, limit),
      seen: takeSome(this.#seen, limit),
    }
  }

  /** Hands over all of one model but times. */
  takeModel(model: string): UnsavedBatch {
    const isWanted = (key: string) => key.startsWith(keyOf(model, ''))
    const events = this.#events.filter((event) => event.model === model)
    if (events.length > 0) this.#events = this.#events.filter((event) => event.model !== model)
    const changed = takeSome(this.#changed, Infinity, isWanted)
    return { events, changed, forgotten: takeSome(this.#forgotten, Infinity, isWanted), seen: [] }
  }

  /** Hands over some times. */
  takeSeen(limit: number): UnsavedBatch {
    return { events: [], changed: [], forgotten: [], seen: takeSome(this.#seen, limit) }
  }

  /** The models of which there is anything but times. */
  models(): Set<string> {
    const keys = [...this.#changed, ...this.#forgotten]
    const models = new Set(keys.map((key) => key.slice(0, key.indexOf('\n'))))
    for (const { model } of this.#events) if (model !== null) models.add(model)
    return models
  }

  /** Nothing is to be written of a process: another server says all that there is. */
  drop(model: string, process: string): void {
    const key = keyOf(model, process)
    for (const keys of [this.#changed, this.#seen, this.#forgotten, this.#stored]) keys.delete(key)
  }

  /** Takes back what could not be written. */
  putBack({ changed, seen, forgotten, events }: UnsavedBatch): void {
    for (const { model, process } of changed) this.noteChanged(model, process)
    for (const { model, process } of seen) this.noteSeen(keyOf(model, process))
    for (const { model, process } of forgotten) this.noteForgotten(model, process)
    this.#keepNewest([...events, ...this.#events])
  }

  #keepNewest(events: NewEvent[]): void {
    this.#events = events.slice(-MOST_EVENTS)
    if (events.length > MOST_EVENTS) this.#onDropped(events.length - MOST_EVENTS)
  }
}

/** Adds a key, and drops the one that waited longest where there are too many. */
function addBounded(keys: Set<string>, key: string, most: number): void {
  keys.add(key)
  if (keys.size <= most) return
  for (const oldest of keys) {
    keys.delete(oldest)
    return
  }
}

function takeSome(
  keys: Set<string>,
  limit: number,
  isWanted: (key: string) => boolean = () => true,
): UnsavedProcess[] {
  const taken: UnsavedProcess[] = []
  for (const key of keys) {
    if (taken.length >= limit) break
    if (!isWanted(key)) continue
    keys.delete(key)
    const [model, process] = namesOf(key)
    taken.push({ model, process })
  }
  return taken
}
