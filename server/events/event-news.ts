import type { EventReader } from '../catalog/events.ts'
import { repeat } from '../time/repeat.ts'

/** How often the log is looked at while somebody follows it, in milliseconds. Other servers write into it, too. */
const PACE = 500

/** Tells those who follow the log of events that it has grown: one look at it, however many they are. */
export class EventNews {
  readonly #log: Pick<EventReader, 'lastEventSequence'>
  readonly #waiting = new Set<() => void>()
  readonly #stopping = new AbortController()
  #looking = new AbortController()
  #followers = 0
  #last = 0

  constructor(log: Pick<EventReader, 'lastEventSequence'>) {
    this.#log = log
  }

  /** Whether the server stops: whoever follows ends then. */
  hasStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  get followers(): number {
    return this.#followers
  }

  /** Begins to follow. @returns Ends it; to be called once. */
  follow(): () => void {
    this.#followers++
    if (this.#followers === 1) this.#look()
    return () => {
      this.#followers--
      if (this.#followers === 0) this.#looking.abort()
    }
  }

  /**
   * Waits until the log goes beyond a sequence number, or so long.
   *
   * @param milliseconds At most.
   * @param signal Ends the waiting early.
   */
  async beyond(sequence: number, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#last > sequence || signal.aborted || this.hasStopped()) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Ends all following. */
  stop(): void {
    this.#stopping.abort()
    this.#looking.abort()
    this.#wake()
  }

  #look(): void {
    this.#looking = new AbortController()
    const look = async (): Promise<undefined> => {
      const last = await this.#log.lastEventSequence()
      const isNews = last !== this.#last
      this.#last = last
      if (isNews) this.#wake()
    }
    void repeat({ first: 0, every: PACE }, this.#looking.signal, look, () => undefined)
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
