/** Buffers that file reads share, so that memory follows the reads in flight and not the bytes read. */
export class ReadBuffers {
  readonly #idle = new Map<number, Uint8Array[]>()
  readonly #maxIdleBytes: number
  #idleBytes = 0
  #readers = 0

  /** @param maxIdleBytes how much to keep for later reads */
  constructor(maxIdleBytes = 16 * MiB) {
    this.#maxIdleBytes = maxIdleBytes
  }

  /**
   * Counts a reader in.
   *
   * @returns the size of buffer for reading `length` bytes: 1 MiB is what makes one read as fast as sendfile,
   * smaller ones bound what hundreds of slow readers hold (two buffers each).
   */
  enter(length: number): number {
    this.#readers += 1
    const fair = this.#readers <= 16 ? MiB : this.#readers <= 64 ? 256 * KiB : 64 * KiB
    return length > 256 * KiB ? fair : Math.min(fair, length > 64 * KiB ? 256 * KiB : 64 * KiB)
  }

  leave(): void {
    this.#readers -= 1
  }

  /** A buffer of that size, with whatever bytes were left in it. */
  take(size: number): Uint8Array {
    const buffer = this.#idle.get(size)?.pop()
    if (!buffer) return Buffer.allocUnsafeSlow(size)
    this.#idleBytes -= size
    return buffer
  }

  /** Takes a buffer back that nobody looks at any more. */
  give(buffer: Uint8Array): void {
    if (this.#idleBytes + buffer.byteLength > this.#maxIdleBytes) return
    const idle = this.#idle.get(buffer.byteLength) ?? []
    this.#idle.set(buffer.byteLength, idle)
    idle.push(buffer)
    this.#idleBytes += buffer.byteLength
  }
}

const KiB = 1024
const MiB = 1024 * KiB

/** What all file reads of this process share. */
export const sharedReadBuffers: ReadBuffers = new ReadBuffers()
