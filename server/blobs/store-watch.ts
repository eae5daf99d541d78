import { setTimeout as wait } from 'node:timers/promises'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { StoreCall, StoreFailure, StoreObserver } from './store-observer.ts'

/** When a store that failed is asked again. Milliseconds. */
export interface StoreWatchTimings {
  /** The pause before the first probe; each further one is twice as long. */
  firstPause: number
  longestPause: number
}

/** Whoever wants to know whether a store is still away waits for a probe for so long. Milliseconds. */
const ASKED_FOR = 3_000

const standardTimings: StoreWatchTimings = { firstPause: 1000, longestPause: 60_000 }

export interface StoreWatchOptions {
  /** Hears why the store cannot be used, each time that becomes so, and of undefined when it can be again. */
  onChange: (failure: unknown) => void
  timings?: StoreWatchTimings
}

/**
 * Knows whether a store can be used: a call that failed says no, a commit or a probe that succeeded says yes. The store
 * is probed, ever more rarely, until it answers, so that nobody has to publish to find out.
 */
export class StoreWatch implements StoreObserver {
  readonly #store: Pick<ObjectStore, 'probe'>
  readonly #onChange: (failure: unknown) => void
  readonly #timings: StoreWatchTimings
  readonly #stopping = new AbortController()
  #probing: AbortController | undefined
  /** Whether a probe has failed since the store did. */
  #isConfirmed = false
  /** Ends the pause before the next probe. */
  #wake: () => void = () => undefined
  /** Told how the next probe ended: whether the store is still away. */
  readonly #asking = new Set<(isAway: boolean) => void>()

  constructor(store: Pick<ObjectStore, 'probe'>, { onChange, timings = standardTimings }: StoreWatchOptions) {
    this.#store = store
    this.#onChange = onChange
    this.#timings = timings
  }

  callEnded(call: StoreCall, _seconds: number | undefined, failure: StoreFailure | undefined): void {
    if (failure === undefined) {
      if (call === 'commit') this.#recovered()
    } else if (endsWrites(call, failure)) this.#failed(failure.error)
  }

  /**
   * Whether the store cannot be used, so that nobody need wait for it in vain. One that failed and whose probe failed, too, is probed now, and is
   * away where it does not answer that within 3 s; any other one may only be slow.
   */
  async isAway(): Promise<boolean> {
    if (!this.#isConfirmed || this.#stopping.signal.aborted) return false
    const answer = new Promise<boolean>((resolve) => this.#asking.add(resolve))
    this.#wake()
    const waiting = new AbortController()
    const late = wait(ASKED_FOR, true, { ref: false, signal: waiting.signal })
    late.catch(() => undefined)
    return await Promise.race([answer, late]).finally(() => {
      waiting.abort()
    })
  }

  /** Ends probing. */
  stop(): void {
    this.#stopping.abort(new Error('the store is not watched any more'))
  }

  #failed(error: unknown): void {
    if (this.#probing !== undefined || this.#stopping.signal.aborted) return
    this.#probing = new AbortController()
    this.#onChange(error)
    void this.#probe(AbortSignal.any([this.#probing.signal, this.#stopping.signal]))
  }

  #recovered(): void {
    if (this.#probing === undefined) return
    this.#probing.abort(new Error('the store can be used again'))
    this.#probing = undefined
    this.#isConfirmed = false
    this.#onChange(undefined)
    this.#answer(false)
  }

  /** Never rejects. */
  async #probe(signal: AbortSignal): Promise<void> {
    const { firstPause, longestPause } = this.#timings
    for (let pause = firstPause; ;) {
      try {
        // Who asks says nothing of how long the store was away: it would be found back later by itself.
        const isOver = await this.#pause(pause, signal)
        if (isOver) pause = Math.min(pause * 2, longestPause)
        await this.#store.probe(signal)
        if (!signal.aborted) this.#recovered()
        return
      } catch {
        if (signal.aborted) return
        this.#isConfirmed = true
        this.#answer(true)
      }
    }
  }

  /** Waits, or until somebody asks. @returns whether the time is over @throws the reason of `signal` */
  async #pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    const asked = new Promise<boolean>((resolve) => {
      this.#wake = () => {
        resolve(false)
      }
    })
    const waiting = new AbortController()
    const over = wait(milliseconds, true, {
      ref: false,
      signal: AbortSignal.any([signal, waiting.signal]),
    })
    over.catch(() => undefined)
    return await Promise.race([asked, over]).finally(() => {
      waiting.abort()
      this.#wake = () => undefined
    })
  }

  #answer(isAway: boolean): void {
    for (const tell of this.#asking) tell(isAway)
    this.#asking.clear()
  }
}

/**
 * A disk that is full here is told where it matters, by 507. What cannot be read may be one object only; what cannot be
 * written is the store.
 */
function endsWrites(call: StoreCall, { kind }: StoreFailure): boolean {
  if (kind === 'failed') return call === 'commit'
  return kind !== 'disk-full'
}
