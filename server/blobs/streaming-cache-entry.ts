import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { CacheFailed } from './cache-failed.ts'
import { DomainError } from '../errors/errors.ts'
import type { OpenBlob } from './blob-store.ts'
import { inBlocks } from '../releases/in-blocks.ts'
import type { Digest } from '../releases/release.ts'

/** How much is held back until all bytes were hashed: nobody gets the end of a blob that is not what it should be. */
const WITHHELD_BYTES = 64 * 1024

/** What is written at once: a network's chunks are small. */
const BLOCK_BYTES = 256 * 1024

/**
 * A local copy of a blob while it is fetched. Many may read it meanwhile, each at its own pace, and wait for what has
 * not come yet; its end is readable only once the whole of it has the right digest.
 */
export class StreamingCacheEntry {
  readonly file: FileHandle
  readonly #digest: Digest
  /** Bytes of the whole blob. */
  readonly size: number
  #written = 0
  #outcome: 'filling' | 'sound' | { error: unknown } = 'filling'
  #wake = Promise.withResolvers<undefined>()
  /** Whoever fills it, and everybody who reads it; the file is closed after the last. */
  #users = 1

  constructor(file: FileHandle, digest: Digest, size: number) {
    this.file = file
    this.#digest = digest
    this.size = size
  }

  /**
   * Copies the blob; to be called once, and followed by {@link settle}.
   *
   * @throws what reading throws, CacheFailed where the disk takes no more, DomainError `blob-damaged` where the bytes are others than they should be.
   */
  async fill(blob: OpenBlob): Promise<void> {
    const hash = createHash('sha256')
    let writing: Promise<void> = Promise.resolve()
    try {
      // Two blocks in turn: one is written while the next comes in and is hashed.
      for await (const block of inBlocks(blob.chunks, BLOCK_BYTES)) {
        hash.update(block)
        await writing
        writing = this.#append(block)
        // Awaited a block later; without this a rejection meanwhile would count as unhandled.
        writing.catch(() => undefined)
      }
    } finally {
      await Promise.allSettled([writing])
    }
    await writing
    if (hash.digest('hex') !== this.#digest) throw damaged(this.#digest)
  }

  async #append(block: Uint8Array): Promise<void> {
    let from = 0
    while (from < block.length) {
      const { bytesWritten } = await this.file
        .write(block, from, block.length - from, this.#written)
        .catch((cause: unknown) => {
          throw new CacheFailed('a local copy cannot be written', { cause })
        })
      from += bytesWritten
      this.#written += bytesWritten
    }
    this.#wakeReaders()
  }

  /** Lets readers have the end, or the error that there will be none. */
  settle(outcome: 'sound' | { error: unknown }): void {
    this.#outcome = outcome
    this.#wakeReaders()
  }

  /** Counts a user in, who lets go by {@link release}; false where the last has gone and the file is closed. */
  retain(): boolean {
    if (this.#users === 0) return false
    this.#users++
    return true
  }

  /** Counts a user out. */
  async release(): Promise<void> {
    this.#users--
    if (this.#users === 0) await this.file.close()
  }

  /** Reads at a position, as {@link FileHandle.read} does, and waits where nothing is there yet. */
  async read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }> {
    while (this.#readable() <= position) {
      if (this.#outcome === 'sound') return { bytesRead: 0 }
      if (typeof this.#outcome === 'object') throw this.#outcome.error
      await this.#wake.promise
    }
    return this.file.read(buffer, offset, Math.min(length, this.#readable() - position), position)
  }

  #readable(): number {
    return this.#outcome === 'sound' ? this.#written : Math.min(this.#written, this.size - WITHHELD_BYTES)
  }

  #wakeReaders(): void {
    this.#wake.resolve(undefined)
    this.#wake = Promise.withResolvers()
  }
}

function damaged(digest: Digest): DomainError {
  return new DomainError(
    'blob-damaged',
    'The stored archive is not what was published; publish the same bytes again to heal it.',
    { digest },
  )
}
