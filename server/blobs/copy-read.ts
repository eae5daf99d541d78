import type { OpenBlob } from './blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { ByteRange } from '../../storage/object-store.ts'

/** Reads a local copy, and goes on with the stored blob where the disk fails in the middle. */
export class CopyRead implements OpenBlob {
  readonly size: number
  readonly chunks: AsyncIterable<Uint8Array>
  #open: OpenBlob

  /**
   * @param range what of the blob the copy was opened for
   * @param openStored opens the rest of it in the store
   */
  constructor(copy: OpenBlob, range: ByteRange, openStored: (rest: ByteRange) => Promise<OpenBlob>) {
    this.size = copy.size
    this.#open = copy
    this.chunks = this.#read(range, openStored)
  }

  async close(): Promise<void> {
    await this.#open.close()
  }

  async *#read(
    { start, length }: ByteRange,
    openStored: (rest: ByteRange) => Promise<OpenBlob>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const copy = this.#open
    const end = start + length
    let position = start
    try {
      for await (const chunk of copy.chunks) {
        position += chunk.byteLength
        yield chunk
      }
      return
    } catch (error) {
      // What the store said while the copy was made it would say again.
      if (error instanceof DomainError) throw error
    }
    this.#open = await openStored({ start: position, length: end - position })
    await copy.close()
    yield* this.#open.chunks
  }
}
