interface ReadingTurnOptions {
  /** The address of the server, with a slash at its end. */
  server: string
  /** Told when this tab begins to wait for its turn. */
  onWait: () => void
  /** Reads for as long as it is this tab's turn, until the signal is aborted. */
  read: (signal: AbortSignal) => Promise<void>
}

/**
 * Decides which tab of a browser reads: of those that are looked at, the one that holds a lock. One that is hidden gives it up.
 *
 * Pages over plain HTTP from elsewhere than this machine have no locks: there it is the turn of each tab that is looked at.
 */
export class ReadingTurn {
  readonly #options: ReadingTurnOptions
  readonly #locks = 'locks' in navigator ? navigator.locks : undefined
  /** Ends the turn, or the waiting for it; undefined: this tab takes no part. */
  #ending: AbortController | undefined

  constructor(options: ReadingTurnOptions) {
    this.#options = options
  }

  /** From now on this tab takes part while it is looked at. */
  takePart(): void {
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#end()
      else this.#begin()
    })
    // A page that is kept for the back button must hold neither lock nor stream.
    window.addEventListener('pagehide', () => {
      this.#end()
    })
    window.addEventListener('pageshow', () => {
      this.#begin()
    })
    this.#begin()
  }

  #begin(): void {
    if (this.#ending !== undefined || document.hidden) return
    this.#ending = new AbortController()
    const { server, onWait, read } = this.#options
    const { signal } = this.#ending
    onWait()
    const reading =
      this.#locks === undefined
        ? read(signal)
        : this.#locks.request(`slipway events ${server}`, { signal }, () => read(signal))
    // Aborted while it waited for the lock.
    Promise.resolve(reading).catch(() => undefined)
  }

  #end(): void {
    this.#ending?.abort()
    this.#ending = undefined
  }
}
