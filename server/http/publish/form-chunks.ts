import type { Readable } from 'node:stream'
import { releaseChunk } from './release-chunk.ts'

/**
 * Gives the chunks of a form back once the file in it has gone past them, see `releaseChunk`. The parser cuts the file out
 * of them, so that several pieces may lie in one chunk; they come in order, and fields in front of the file have been read.
 */
export class FormChunks {
  /** By their memory: pieces that the parser copied lie elsewhere. */
  readonly #chunks = new WeakMap<ArrayBufferLike, Uint8Array>()

  /** Takes note of the chunks of a form; to be called before anything reads it. */
  watch(form: Readable): void {
    form.on('data', (chunk: Uint8Array) => this.#chunks.set(chunk.buffer, chunk))
  }

  /** The pieces of the file, each valid until the next one is asked for. */
  async *releasing(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let last: Uint8Array | undefined
    for await (const piece of file) {
      const chunk = this.#chunks.get(piece.buffer)
      if (chunk !== undefined && chunk !== last) {
        if (last !== undefined) releaseChunk(last)
        last = chunk
      }
      yield piece
    }
  }
}
