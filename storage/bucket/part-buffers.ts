const MiB = 1024 * 1024

/** Up to this many bytes go up in one request; more in parts of this size, some at a time. */
export const partSize: number = 8 * MiB

/** Memory for one part of an object on its way. */
export interface PartBuffer {
  readonly bytes: Buffer
  /**
   * Gives the memory back. Safe to call twice.
   *
   * @param isUnused false where a connection that broke may still look at the bytes: they are not used again then
   */
  release(isUnused?: boolean): void
}

/**
 * Memory for parts of objects on their way, within one budget: however many archives are published at once, they share
 * it, each waiting for its turn.
 */
export class PartBuffers {
  readonly #maxBytes: number
  #bytesInUse = 0
  readonly #idle: Buffer[] = []
  readonly #waiting: { length: number; start: () => void }[] = []

  constructor(maxBytes: number = 4 * partSize) {
    this.#maxBytes = maxBytes
  }

  /** Waits for `length` bytes of memory, in the order of asking. More than the whole budget is given alone. */
  async take(length: number): Promise<PartBuffer> {
    if (this.#waiting.length > 0 || !this.#fits(length)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ length, start: resolve })
      })
    } else {
      this.#bytesInUse += length
    }
    return this.#buffer(length)
  }

  /** Memory that is free this moment; undefined where it is not, or where others wait for it. */
  takeNow(length: number): PartBuffer | undefined {
    if (this.#waiting.length > 0 || !this.#fits(length)) return undefined
    this.#bytesInUse += length
    return this.#buffer(length)
  }

  #fits(length: number): boolean {
    return this.#bytesInUse === 0 || this.#bytesInUse + length <= this.#maxBytes
  }

  #buffer(length: number): PartBuffer {
    const isPooled = length > MiB && length <= partSize
    const whole = isPooled
      ? (this.#idle.pop() ?? Buffer.allocUnsafeSlow(partSize))
      : Buffer.allocUnsafeSlow(length)
    let isReleased = false
    return {
      bytes: whole.subarray(0, length),
      release: (isUnused = true) => {
        if (isReleased) return
        isReleased = true
        if (isPooled && isUnused) this.#idle.push(whole)
        this.#bytesInUse -= length
        this.#startWaiting()
      },
    }
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.length); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#bytesInUse += next.length
      next.start()
    }
  }
}

/** What all stores of this process share. */
export const sharedPartBuffers: PartBuffers = new PartBuffers()
