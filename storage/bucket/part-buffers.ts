import { StoreUnavailable } from '../object-store.ts'

const MiB = 1024 * 1024

/** Up to this many bytes go up in one request; more in parts of this size, some at a time. */
export const partSize: number = 8 * MiB

/** Memory for one part of an object on its way. */
export interface PartBuffer {
  readonly bytes: Buffer
  /**
   * When something of anybody's part was taken last, or the wait for this memory began, whichever is later: since then
   * nothing has moved. In milliseconds, as `performance.now()` counts them.
   */
  readonly idleSince: number
  /** To be called when something of the part was taken: whoever waits for memory is waiting for a store that works. */
  readonly onProgress: () => void
  /**
   * Gives the memory back. Safe to call twice.
   *
   * @param isUnused false where a connection that broke may still look at the bytes: they are not used again then, and
   *   count as nothing that was taken
   */
  release(isUnused?: boolean): void
}

/** How memory is waited for. */
export interface BufferWait {
  /** Milliseconds after which waiting is given up, counted from when something of any part was taken last: the store stalls. */
  timeout?: number
  signal?: AbortSignal | undefined
}

interface Waiter {
  memory: number
  start: () => void
}

/**
 * Memory for parts of objects on their way, within one budget: however many archives are published at once, they share
 * it, each waiting for its turn.
 */
export class PartBuffers {
  readonly #maxBytes: number
  #bytesInUse = 0
  readonly #idle: Buffer[] = []
  readonly #waiting: Waiter[] = []
  #movedAt = -Infinity

  constructor(maxBytes: number = 4 * partSize) {
    this.#maxBytes = maxBytes
  }

  /** When something of any part was taken last, as `performance.now()` counts; -Infinity where nothing ever was. */
  get movedAt(): number {
    return this.#movedAt
  }

  /**
   * Waits for `length` bytes of memory, in the order of asking. More than the whole budget is given alone.
   *
   * @throws StoreUnavailable where nothing of any part was taken for too long, and the reason of the signal
   */
  async take(length: number, { timeout, signal }: BufferWait = {}): Promise<PartBuffer> {
    signal?.throwIfAborted()
    const askedAt = performance.now()
    const memory = memoryFor(length)
    if (this.#waiting.length > 0 || !this.#fits(memory)) await this.#wait(memory, timeout, signal)
    else this.#bytesInUse += memory
    return this.#buffer(length, Math.max(askedAt, this.#movedAt))
  }

  /** Memory that is free this moment; undefined where it is not, or where others wait for it. */
  takeNow(length: number): PartBuffer | undefined {
    const memory = memoryFor(length)
    if (this.#waiting.length > 0 || !this.#fits(memory)) return undefined
    this.#bytesInUse += memory
    return this.#buffer(length, performance.now())
  }

  #wait(memory: number, timeout: number | undefined, signal: AbortSignal | undefined): Promise<undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const askedAt = performance.now()
    const giveUp = (reason: unknown): void => {
      const at = this.#waiting.indexOf(waiter)
      if (at < 0) return
      this.#waiting.splice(at, 1)
      reject(reason)
      // Whoever stands behind may want less.
      this.#startWaiting()
    }
    const leave = (): void => {
      giveUp(signal?.reason)
    }
    const look = (): NodeJS.Timeout | undefined => {
      if (timeout === undefined) return undefined
      const left = Math.max(askedAt, this.#movedAt) + timeout - performance.now()
      if (left > 0) return setTimeout(() => (timer = look()), Math.ceil(left))
      giveUp(new StoreUnavailable(`no part of any upload was taken within ${timeout} ms`))
      return undefined
    }
    const start = (): void => {
      resolve(undefined)
    }
    const waiter = { memory, start }
    this.#waiting.push(waiter)
    let timer = look()
    signal?.addEventListener('abort', leave)
    return promise.finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', leave)
    })
  }

  #fits(memory: number): boolean {
    return this.#bytesInUse === 0 || this.#bytesInUse + memory <= this.#maxBytes
  }

  #buffer(length: number, idleSince: number): PartBuffer {
    const memory = memoryFor(length)
    const isPooled = memory === partSize
    const whole = (isPooled ? this.#idle.pop() : undefined) ?? Buffer.allocUnsafeSlow(memory)
    // What lies idle is within the budget too.
    while (this.#idle.length > 0 && this.#bytesInUse + this.#idle.length * partSize > this.#maxBytes) {
      this.#idle.pop()
    }
    let isReleased = false
    const onProgress = (): void => {
      this.#movedAt = performance.now()
    }
    return {
      bytes: whole.subarray(0, length),
      idleSince,
      onProgress,
      release: (isUnused = true) => {
        if (isReleased) return
        isReleased = true
        if (isUnused) onProgress()
        if (isPooled && isUnused) this.#idle.push(whole)
        this.#bytesInUse -= memory
        this.#startWaiting()
      },
    }
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.memory); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#bytesInUse += next.memory
      next.start()
    }
  }
}

/** What is set aside for `length` bytes: memory of one size can be used again, whichever part comes next. */
function memoryFor(length: number): number {
  return length > MiB && length <= partSize ? partSize : length
}

/** What all stores of this process share. */
export const sharedPartBuffers: PartBuffers = new PartBuffers()
