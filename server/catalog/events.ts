import type { BotName } from './fleet.ts'
import type { PageOf } from './page-of.ts'

/** Questions about what happened. */
export interface EventReader {
  /** Those behind a sequence number, in order; 0: from the first that is kept. */
  listEventsAfter(sequence: number, limit: number): Promise<StoredEvent[]>
  /** Those of a bot, the last first, by sequence. */
  listBotEvents(bot: BotName, page: PageOf<number>): Promise<StoredEvent[]>
  /** The sequence number of the last event; 0: there is none. */
  lastEventSequence(): Promise<number>
  /**
   * Those of a model's bots, by bot and sequence, ascending; bots by the code points of their names.
   *
   * @param after The bot, and the event of it, that they come behind.
   */
  listEventsByBot(
    model: string,
    after: { readonly bot: string; readonly sequence: number },
    limit: number,
  ): Promise<StoredEvent[]>
}

/** Changes of what happened. */
export interface EventWriter {
  /** Adds events in this order, and drops the oldest where there are more than a million. */
  addEvents(events: readonly NewEvent[]): Promise<void>
  /** Drops what happened before that. @param before Milliseconds since 1970. */
  forgetEvents(before: number): Promise<void>
}

/** Something that happened. */
export interface NewEvent {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly kind: string
  readonly model: string | null
  readonly tag: string | null
  readonly bot: string | null
  readonly process: string | null
  /** What else is to be said of it; plain JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

/** An event as it is kept. */
export interface StoredEvent extends NewEvent {
  /** Grows with every event. */
  readonly sequence: number
}
