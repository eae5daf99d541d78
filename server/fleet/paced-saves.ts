import { setImmediate as nextTurn } from 'node:timers/promises'

/** After a save it rests so many times as long as that took: of the time at most a quarter goes into saving. */
const REST_TIMES = 3

/** It rests no longer, as answers wait until their offers are saved. Milliseconds. */
const LONGEST_REST = 50

interface SaveTiming {
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Calls back after so many milliseconds, unless what it returns is called before. */
  readonly later?: (milliseconds: number, callback: () => void) => () => void
}

/** The next save, which has not begun. */
interface NextSave {
  readonly done: Promise<void>
  /** Has it begin as soon as the one before is done. */
  readonly hurry: () => void
}

/**
 * Has a save done for everybody who asks, one at a time: whoever asks before it begins is served by it. Where one is asked for
 * right after another, it rests before, so that more goes into each: a commit costs the same for one row and for hundreds.
 */
export class PacedSaves {
  readonly #save: () => Promise<void>
  readonly #monotonic: () => number
  readonly #later: NonNullable<SaveTiming['later']>
  #running: Promise<void> = Promise.resolve()
  #next: NextSave | undefined
  #rest = { since: -Infinity, milliseconds: 0 }

  /** @param save Saves all that there is when it is called. It never rejects. */
  constructor(save: () => Promise<void>, { monotonic, later = afterMilliseconds }: SaveTiming) {
    this.#save = save
    this.#monotonic = monotonic
    this.#later = later
  }

  /** Has a save begin after this moment, within {@link LONGEST_REST} ms of the one before. @returns what resolves when it is done. */
  soon(): Promise<void> {
    this.#next ??= this.#begin()
    return this.#next.done
  }

  /** As {@link soon}, without a rest before. */
  now(): Promise<void> {
    this.#next ??= this.#begin()
    this.#next.hurry()
    return this.#next.done
  }

  #begin(): NextSave {
    const rest = new Rest(this.#later)
    const done = this.#running.then(async () => {
      await rest.take(this.#restMilliseconds())
      // What else this turn of the event loop comes to is saved with it.
      await nextTurn()
      this.#next = undefined
      const begun = this.#monotonic()
      await this.#save()
      const ended = this.#monotonic()
      this.#rest = { since: ended, milliseconds: Math.min(LONGEST_REST, REST_TIMES * (ended - begun)) }
    })
    this.#running = done
    return {
      done,
      hurry: () => {
        rest.end()
      },
    }
  }

  #restMilliseconds(): number {
    const { since, milliseconds } = this.#rest
    return milliseconds - Math.max(0, this.#monotonic() - since)
  }
}

/** A pause that may be cut short, before it begins as well. */
class Rest {
  readonly #later: NonNullable<SaveTiming['later']>
  #isOver = false
  #end: (() => void) | undefined

  constructor(later: NonNullable<SaveTiming['later']>) {
    this.#later = later
  }

  /** Resolves after so many milliseconds, or when it is ended. */
  async take(milliseconds: number): Promise<void> {
    if (this.#isOver || milliseconds <= 0) return
    await new Promise<void>((resolve) => {
      const cancel = this.#later(milliseconds, resolve)
      this.#end = () => {
        cancel()
        resolve()
      }
    })
  }

  end(): void {
    this.#isOver = true
    this.#end?.()
  }
}

function afterMilliseconds(milliseconds: number, callback: () => void): () => void {
  // A server that ends saves what is left by itself.
  const timer = setTimeout(callback, milliseconds).unref()
  return () => {
    clearTimeout(timer)
  }
}
