import { botOfEntry, type ProcessEntry } from './bot-entry.ts'
import type { Bot } from './bot.ts'
import type { FleetEvent } from './fleet-event.ts'
import type { ProcessRecord } from './process-record.ts'

/** What a fact came to. */
export interface Taken {
  /** Of model and process, see `keyOf`. */
  readonly key: string
  /** The bot after it; undefined where the process is not known, or there is no room for it. */
  readonly bot: Bot | undefined
  /** The process before it; undefined where it was not known. */
  readonly before: ProcessRecord | undefined
  /** The process after it; undefined where it is not known. */
  readonly after: ProcessRecord | undefined
  readonly events: readonly FleetEvent[]
  /** The names of all processes of the bot of which anything changed. */
  readonly changed: readonly string[]
}

/** Of a fact about a process that is not known, and for which there is no room. */
export const NOTHING_TAKEN: Taken = {
  key: '',
  bot: undefined,
  before: undefined,
  after: undefined,
  events: [],
  changed: [],
}

/** What a poll that says nothing new came to. Its bot is put together where it is looked at: it may have dozens of processes. */
export class TakenPoll implements Taken {
  readonly before: ProcessRecord
  readonly after: ProcessRecord
  readonly events: readonly FleetEvent[]
  readonly #entry: ProcessEntry

  /** @param entry The process after it. */
  constructor(before: ProcessRecord, entry: ProcessEntry, events: readonly FleetEvent[]) {
    this.before = before
    this.after = entry.record
    this.events = events
    this.#entry = entry
  }

  get key(): string {
    return this.#entry.key
  }

  get bot(): Bot {
    return botOfEntry(this.#entry.bot, this.after.process)
  }

  get changed(): readonly string[] {
    return [this.after.process]
  }
}
