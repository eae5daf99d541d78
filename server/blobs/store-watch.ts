import { setTimeout as wait } from 'node:timers/promises'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { StoreCall, StoreFailure, StoreObserver } from './store-observer.ts'

/** When a store that failed is asked again. Milliseconds. */
export interface StoreWatchTimings {
  /** The pause before the first probe; each further one is twice as long. */
  firstPause: number
  longestPause: number
}

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
    this.#onChange(undefined)
  }

  /** Never rejects. */
  async #probe(signal: AbortSignal): Promise<void> {
    const { firstPause, longestPause } = this.#timings
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        await wait(pause, undefined, { signal, ref: false })
        await this.#store.probe(signal)
        if (!signal.aborted) this.#recovered()
        return
      } catch {
        if (signal.aborted) return
      }
    }
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
