import type { Download } from './bucket.ts'
import { discardBody } from './discard-body.ts'
import type { ByteRange } from '../object-store.ts'
import { ObjectChanged, StoreFailed, StoreUnavailable } from '../object-store.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { pauseBeforeRetry } from './with-retries.ts'

/** What a {@link ResumingRead} needs besides its first download. */
export interface ResumingReadOptions {
  /** The part of the object to give. */
  range: ByteRange
  /** Opens the same version of the same object again, from the middle. */
  reopen: (range: ByteRange) => Promise<Download>
  retryPolicy: RetryPolicy
  signal?: AbortSignal | undefined
}

/**
 * Reads a download to its end, and where it breaks off or stands still goes on with another from there. Throws
 * where that does not help or another object is there by now; never ends short.
 */
export class ResumingRead {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly #options: ResumingReadOptions
  #download: Download
  #isClosed = false

  constructor(first: Download, options: ResumingReadOptions) {
    this.#download = first
    this.#options = options
    this.chunks = this.#read()
    this.#take(first)
  }

  close(): void {
    this.#isClosed = true
    discardBody(this.#download.body)
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    const { range, signal, retryPolicy } = this.#options
    const leave = (): void => {
      this.close()
    }
    signal?.addEventListener('abort', leave)
    const end = range.start + range.length
    let position = range.start
    let failures = 0
    try {
      signal?.throwIfAborted()
      while (position < end) {
        let failure: unknown
        try {
          for await (const chunk of this.#chunksOf(this.#download)) {
            position += chunk.byteLength
            if (position > end) throw new StoreFailed(`${this.#name} came with more bytes than it has`)
            failures = 0
            yield chunk
            signal?.throwIfAborted()
          }
        } catch (error) {
          failure = error
        }
        if (position === end && failure === undefined) return
        failures += 1
        await this.#resume(failure, failures, { start: position, length: end - position }, retryPolicy)
      }
    } finally {
      signal?.removeEventListener('abort', leave)
      discardBody(this.#download.body)
    }
  }

  async #resume(
    failure: unknown,
    failures: number,
    rest: ByteRange,
    retryPolicy: RetryPolicy,
  ): Promise<void> {
    const { signal, reopen } = this.#options
    signal?.throwIfAborted()
    if (failure instanceof StoreFailed || failure instanceof ObjectChanged) throw failure
    const cause = failure ?? new Error('the body ended before its length')
    if (this.#isClosed) throw new StoreFailed(`${this.#name} was closed while it was read`, { cause })
    if (failures >= retryPolicy.attempts) {
      throw new StoreUnavailable(`${this.#name} broke off ${failures} times at byte ${rest.start}`, { cause })
    }
    discardBody(this.#download.body)
    await pauseBeforeRetry(retryPolicy, failures, signal)
    this.#take(await reopen(rest))
  }

  #take(download: Download): void {
    // A broken connection shows where it is read from; until then it must not end the process.
    download.body.on('error', () => undefined)
    if (this.#isClosed) discardBody(download.body)
    this.#download = download
  }

  /** The chunks of one body; it is destroyed where it stands still while its next bytes are waited for. */
  async *#chunksOf({ body }: Download): AsyncGenerator<Uint8Array, void, undefined> {
    const { stallTimeout } = this.#options.retryPolicy
    const next = { isAwaited: true }
    const watch = setTimeout(() => {
      if (next.isAwaited) body.destroy(new Error(`no byte came for ${stallTimeout} ms`))
    }, stallTimeout)
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        next.isAwaited = false
        yield chunk
        next.isAwaited = true
        watch.refresh()
      }
    } finally {
      clearTimeout(watch)
    }
  }

  get #name(): string {
    return `the object "${this.#download.stat.key}"`
  }
}
