import type { Bot } from './bot.ts'
import type { FleetEvent } from './fleet-event.ts'
import type { ProcessRecord } from './process-record.ts'

/** What a fact came to. */
export interface Taken {
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

/** What a poll that says nothing new came to. Its bot is put together where it is looked at: it may have dozens of processes. */
export class TakenPoll implements Taken {
  readonly before: ProcessRecord
  readonly after: ProcessRecord
  readonly events: readonly FleetEvent[]
  readonly #view: () => Bot

  constructor(before: ProcessRecord, after: ProcessRecord, events: readonly FleetEvent[], view: () => Bot) {
    this.before = before
    this.after = after
    this.events = events
    this.#view = view
  }

  get bot(): Bot {
    return this.#view()
  }

  get changed(): readonly string[] {
    return [this.after.process]
  }
}
