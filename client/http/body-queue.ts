/** Received and not yet read, the sender is paused above this many bytes. */
const FULL = 512 * 1024

/**
 * Hands a body over from undici's callbacks to a reader. What was received before a failure is read before the
 * failure is thrown: undici's own stream drops it, and a broken transfer would fetch it twice.
 */
export class BodyQueue {
  readonly #chunks: Uint8Array[] = []
  readonly #resume: () => void
  #queued = 0
  #ended = false
  #failure: { error: unknown } | undefined
  #wake: (() => void) | undefined

  /** @param resume Called when there is room again after {@link push} said that there is none. */
  constructor(resume: () => void) {
    this.#resume = resume
  }

  /** @returns whether the sender may go on. */
  push(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk)
    this.#queued += chunk.length
    this.#wake?.()
    return this.#queued < FULL
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#queued -= chunk.length
        if (this.#queued < FULL) this.#resume()
        yield chunk
      } else if (this.#failure !== undefined) throw this.#failure.error
      else if (this.#ended) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
