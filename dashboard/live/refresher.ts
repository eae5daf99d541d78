/** Events come in bursts: so long is waited for the rest of one, in milliseconds. */
const BURST = 300
/** Where events keep coming, a page is drawn anew this often at most. */
const PACE = 1_500
/** Offers and silence raise no event: a page that is looked at is drawn anew this often at least. */
const AT_LEAST = 10_000

/** Keeps what a page shows up to date: soon after something happened, and not too often. */
export class Refresher {
  readonly #load: () => Promise<void>
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastAt = -Infinity
  #running: Promise<void> | undefined
  #isPaused = false

  /** @param load Reads and shows everything; where it rejects, it is tried again later. */
  constructor(load: () => Promise<void>) {
    this.#load = load
  }

  /** Has everything be read again soon. */
  soon(): void {
    if (this.#timer !== undefined || document.hidden || this.#isPaused) return
    const wait = Math.max(BURST, this.#lastAt + PACE - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.now()
    }, wait)
  }

  /** Reads everything again; resolves when that is shown, or has failed. */
  async now(): Promise<void> {
    // What is being read may have been read before the change.
    if (this.#running !== undefined) await this.#running
    if (this.#isPaused) return
    this.#lastAt = performance.now()
    this.#running ??= this.#load().then(
      () => {
        this.#running = undefined
      },
      () => {
        this.#running = undefined
      },
    )
    await this.#running
  }

  /** Has nothing be read until {@link resume}; resolves when what is being read is done. */
  async pause(): Promise<void> {
    this.#isPaused = true
    await this.#running
  }

  /** As {@link now}, also after {@link pause}. */
  resume(): Promise<void> {
    this.#isPaused = false
    return this.now()
  }

  /** From now on everything is read again every few seconds, while the page is looked at, and when it comes into view. */
  keepGoing(): void {
    setInterval(() => {
      if (performance.now() - this.#lastAt >= AT_LEAST) this.soon()
    }, AT_LEAST / 2)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.soon()
    })
    // A page that was left, and kept for the back button.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) void this.resume()
    })
  }
}
