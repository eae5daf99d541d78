import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { OpenObject, OpenOptions } from '../../storage/object-store.ts'

/** A store in memory whose reads go wrong on demand. */
export class FailingReads extends MemoryStore {
  /** Thrown instead of opening. */
  onOpen: Error | undefined
  /** Thrown once that many bytes were read. */
  onRead: { afterBytes: number; error: Error } | undefined
  /** How many bytes fewer or more an object seems to have. */
  sizeError = 0

  override async open(key: string, options: OpenOptions = {}): Promise<OpenObject> {
    if (this.onOpen !== undefined) throw this.onOpen
    const object = await super.open(key, options)
    return { ...object, size: object.size + this.sizeError, chunks: this.#spoil(object.chunks) }
  }

  async *#spoil(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let read = 0
    for await (const chunk of chunks) {
      const fault = this.onRead
      if (fault !== undefined && read + chunk.length > fault.afterBytes) {
        const sound = chunk.subarray(0, fault.afterBytes - read)
        if (sound.length > 0) yield sound
        throw fault.error
      }
      read += chunk.length
      yield chunk
    }
  }
}
