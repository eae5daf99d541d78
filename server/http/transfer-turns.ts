/** How long transfers may keep the event loop before everything else has its turn. */
const MOST_MILLISECONDS = 3

/** How long connections that keep coming may hold transfers up. */
const LONGEST_PAUSE_MILLISECONDS = 50

/** What beginning a transfer takes, most of it later than its turn: opening a file, and looking at it. */
const BEGIN_MILLISECONDS = 0.5

/** What tells a {@link TransferTurns} the time, and when the event loop comes round. */
export interface LoopTiming {
  /** Milliseconds that only grow. */
  now: () => number
  /** Calls back in the next turn of the event loop, after what came over the network meanwhile. */
  nextTurn: (callback: () => void) => void
}

const MACHINE: LoopTiming = { now: () => performance.now(), nextTurn: (callback) => setImmediate(callback) }

/**
 * Shares the event loop between transfers and everything else: transfers work for 3 ms, then whoever sent something
 * meanwhile is answered, then transfers go on where they were.
 *
 * libuv takes one new connection in each turn of the loop (1.52, `uv__server_io`). So a turn in which 800 downloads wrote
 * 64 kB each let one poll in, and polls waited for 13 s (measured). For the same reason transfers wait while connections
 * come, though never for longer than 50 ms.
 */
export class TransferTurns {
  readonly #timing: LoopTiming
  readonly #waiting: (() => void)[] = []
  /** What of `#waiting` was called already: taking the first off a long array copies it. */
  #called = 0
  #used = 0
  #isTurnAhead = false
  #hasNewConnection = false
  #pausedSince: number | undefined

  constructor(timing: LoopTiming = MACHINE) {
    this.#timing = timing
  }

  /** A connection was taken: there may be more. */
  noteConnection(): void {
    if (this.#isTurnAhead) this.#hasNewConnection = true
  }

  /** Does a piece of work that takes well under a millisecond: at once where transfers have time left in this turn. */
  run(work: () => void): void {
    if (this.#waiting.length > 0 || this.#used >= MOST_MILLISECONDS || this.#hasNewConnection) {
      this.#waiting.push(work)
    } else this.#work(work)
    this.#requestTurn()
  }

  /** Resolves when a transfer may begin to work. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      this.run(() => {
        this.#used += BEGIN_MILLISECONDS
        resolve()
      })
    })
  }

  #work(work: () => void): void {
    const begun = this.#timing.now()
    work()
    this.#used += this.#timing.now() - begun
  }

  #requestTurn(): void {
    if (this.#isTurnAhead) return
    this.#isTurnAhead = true
    this.#timing.nextTurn(() => {
      this.#isTurnAhead = false
      this.#takeTurn()
    })
  }

  #takeTurn(): void {
    this.#used = 0
    if (this.#mustPause()) {
      this.#requestTurn()
      return
    }
    const waiting = this.#waiting
    while (this.#called < waiting.length && this.#used < MOST_MILLISECONDS) {
      const work = waiting[this.#called++]
      if (work !== undefined) this.#work(work)
    }
    if (this.#called === waiting.length) waiting.length = this.#called = 0
    else if (this.#called > 1_000) {
      waiting.splice(0, this.#called)
      this.#called = 0
    }
    if (waiting.length > 0) this.#requestTurn()
  }

  #mustPause(): boolean {
    const isPaused = this.#hasNewConnection && this.#waiting.length > 0
    this.#hasNewConnection = false
    if (!isPaused) {
      this.#pausedSince = undefined
      return false
    }
    const now = this.#timing.now()
    this.#pausedSince ??= now
    if (now - this.#pausedSince < LONGEST_PAUSE_MILLISECONDS) return true
    this.#pausedSince = undefined
    return false
  }
}

/** What all transfers of this process share. */
export const transferTurns: TransferTurns = new TransferTurns()
