import type { Event } from '../../protocol/event.ts'
import type { Liveness } from './liveness.ts'
import { readForEver } from './read-for-ever.ts'
import { ReadingTurn } from './reading-turn.ts'
import { TabChannel, type TabMessage } from './tab-channel.ts'

interface EventFollowerOptions {
  /** The address of the server, with a slash at its end. */
  server: string
  /** Told each event once, whichever tab has read it. */
  onEvent: (event: Event) => void
  /** Told when it changes whether events come. */
  onLiveness: (liveness: Liveness) => void
}

/**
 * Follows what happens, by one stream for all tabs of a browser: over HTTP/1.1 it has six connections to a server, and
 * each stream would take one of them. The tab whose turn it is reads the stream and tells the others; whoever has the turn
 * next goes on where the last event was.
 */
export class EventFollower {
  readonly #options: EventFollowerOptions
  readonly #channel: TabChannel
  #lastId: number | undefined
  #liveness: Liveness = { kind: 'asleep' }
  #isReading = false

  constructor(options: EventFollowerOptions) {
    this.#options = options
    this.#channel = new TabChannel(options.server, (message) => {
      this.#hear(message)
    })
  }

  /** Follows from now on, for as long as the page is there. */
  start(): void {
    const turn = new ReadingTurn({
      server: this.#options.server,
      onWait: () => {
        this.#channel.tell({ kind: 'hello' })
      },
      read: (signal) => this.#read(signal),
    })
    turn.takePart()
  }

  /** Reads the stream for all tabs. */
  async #read(signal: AbortSignal): Promise<void> {
    this.#isReading = true
    try {
      await readForEver({
        server: this.#options.server,
        signal,
        lastId: () => this.#lastId,
        onEvent: (event) => {
          this.#take(event)
          this.#channel.tell({ kind: 'event', event })
        },
        onLiveness: (liveness) => {
          this.#note(liveness)
          this.#channel.tell({ kind: 'liveness', liveness })
        },
      })
    } finally {
      this.#isReading = false
    }
  }

  /** Takes in what another tab tells. */
  #hear(message: TabMessage): void {
    switch (message.kind) {
      case 'event':
        this.#take(message.event)
        return
      case 'liveness':
        if (!this.#isReading) this.#note(message.liveness)
        return
      case 'hello':
        if (this.#isReading) this.#channel.tell({ kind: 'liveness', liveness: this.#liveness })
    }
  }

  #take(event: Event): void {
    if (this.#lastId !== undefined && event.id <= this.#lastId) return
    this.#lastId = event.id
    this.#options.onEvent(event)
  }

  #note(liveness: Liveness): void {
    if (JSON.stringify(liveness) === JSON.stringify(this.#liveness)) return
    this.#liveness = liveness
    this.#options.onLiveness(liveness)
  }
}
