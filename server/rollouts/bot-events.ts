import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventReader, StoredEvent } from '../catalog/events.ts'

/** SQLite answers on the thread that answers polls: so many events take it a millisecond or two. */
const READ_AT_ONCE = 500

/** Reads the events of a model bot by bot, by name, some at a time: a bot may have a million of them. */
export class BotEvents {
  readonly #catalog: EventReader
  readonly #model: string
  #after: { bot: string; sequence: number }
  #read: StoredEvent[] = []
  #isEnd = false

  /** @param after The bot behind which it begins; empty: with the first. */
  constructor(catalog: EventReader, model: string, after: string) {
    this.#catalog = catalog
    this.#model = model
    this.#after = { bot: after, sequence: Number.MAX_SAFE_INTEGER }
  }

  /** The bot whose events come next; undefined: there are no more. */
  async nextBot(): Promise<string | undefined> {
    return (await this.#next())?.bot ?? undefined
  }

  /** The events of that bot, in order. */
  async *takeBot(): AsyncGenerator<StoredEvent> {
    const bot = await this.nextBot()
    for (
      let event = await this.#next();
      event?.bot === bot && event !== undefined;
      event = await this.#next()
    ) {
      this.#read.pop()
      yield event
    }
  }

  async #next(): Promise<StoredEvent | undefined> {
    if (this.#read.length === 0 && !this.#isEnd) {
      const found = await this.#catalog.listEventsByBot(this.#model, this.#after, READ_AT_ONCE)
      const last = found.at(-1)
      if (last?.bot != null) this.#after = { bot: last.bot, sequence: last.sequence }
      this.#isEnd = found.length < READ_AT_ONCE
      // The next one is the last: taking it moves no other.
      this.#read = found.reverse()
      await nextTurn()
    }
    return this.#read.at(-1)
  }
}
