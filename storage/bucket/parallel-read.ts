import type { ByteRange } from '../object-store.ts'
import { partSize, sharedPartBuffers, type PartBuffer, type PartBuffers } from './part-buffers.ts'
import type { ResumingRead } from './resuming-read.ts'

/** Parts that are fetched into memory while one before them is read. */
const AHEAD = 3

/** What is handed on at once of a part in memory. */
const BLOCK_BYTES = 256 * 1024

/** What a {@link ParallelRead} needs. */
export interface ParallelReadOptions {
  /** The first part, which is under way already. */
  first: ResumingRead
  /** What comes after it. */
  rest: ByteRange
  /** Begins to read one part. */
  open: (range: ByteRange) => Promise<ResumingRead>
  buffers?: PartBuffers
}

interface PartAhead {
  buffer: PartBuffer
  loaded: Promise<void>
}

/**
 * Reads a large object part by part, the next ones while one is read: a single connection to a bucket carries less than
 * the line does. Only memory that nobody waits for is used; where there is none, parts are read one after the other.
 */
export class ParallelRead {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly #first: ResumingRead
  readonly #open: (range: ByteRange) => Promise<ResumingRead>
  readonly #buffers: PartBuffers
  readonly #end: number
  readonly #reads = new Set<ResumingRead>()
  readonly #ahead: PartAhead[] = []
  #next: number
  #isClosed = false

  constructor({ first, rest, open, buffers = sharedPartBuffers }: ParallelReadOptions) {
    this.#first = first
    this.#open = open
    this.#buffers = buffers
    this.#next = rest.start
    this.#end = rest.start + rest.length
    this.#reads.add(first)
    this.chunks = this.#read()
  }

  close(): void {
    this.#isClosed = true
    for (const read of this.#reads) read.close()
    for (const { buffer, loaded } of this.#ahead.splice(0)) release(buffer, loaded)
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#streamed(this.#first)
      for (;;) {
        const part = this.#ahead.shift()
        if (part !== undefined) yield* this.#fromMemory(part)
        else if (this.#next < this.#end) yield* this.#streamed(await this.#begin(this.#takeRange()))
        else return
      }
    } finally {
      this.close()
    }
  }

  async *#streamed(read: ResumingRead): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of read.chunks) {
      this.#lookAhead()
      yield chunk
    }
    this.#reads.delete(read)
  }

  async *#fromMemory({ buffer, loaded }: PartAhead): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      await loaded
      for (let start = 0; start < buffer.bytes.byteLength; start += BLOCK_BYTES) {
        this.#lookAhead()
        yield buffer.bytes.subarray(start, start + BLOCK_BYTES)
      }
    } finally {
      release(buffer, loaded)
    }
  }

  /** Begins the next parts, as far as there is memory that nobody waits for. */
  #lookAhead(): void {
    while (this.#ahead.length < AHEAD && this.#next < this.#end && !this.#isClosed) {
      const buffer = this.#buffers.takeNow(Math.min(partSize, this.#end - this.#next))
      if (buffer === undefined) return
      const loaded = this.#load(this.#takeRange(), buffer)
      // Awaited when it is its turn; without this a rejection until then would count as unhandled.
      loaded.catch(() => undefined)
      this.#ahead.push({ buffer, loaded })
    }
  }

  async #load(range: ByteRange, buffer: PartBuffer): Promise<void> {
    const read = await this.#begin(range)
    let filled = 0
    for await (const chunk of read.chunks) {
      buffer.bytes.set(chunk, filled)
      filled += chunk.byteLength
      buffer.onProgress()
    }
    this.#reads.delete(read)
  }

  async #begin(range: ByteRange): Promise<ResumingRead> {
    const read = await this.#open(range)
    this.#reads.add(read)
    if (this.#isClosed) read.close()
    return read
  }

  #takeRange(): ByteRange {
    const start = this.#next
    const length = Math.min(partSize, this.#end - start)
    this.#next += length
    return { start, length }
  }
}

/** Gives memory back when nothing is written to it any more. */
function release(buffer: PartBuffer, loaded: Promise<void>): void {
  const giveBack = (): void => {
    buffer.release()
  }
  loaded.then(giveBack, giveBack)
}
