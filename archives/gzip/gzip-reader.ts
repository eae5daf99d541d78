import { crc32, createInflateRaw } from 'node:zlib'
import type { ArchiveLimits } from '../archive-limits.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import { gzipHeaderLength } from './gzip-header.ts'
import { GzipTrailer } from './gzip-trailer.ts'

/** Few trips to the thread pool (a tenth less CPU time than with half of it, measured), yet little memory for each upload. */
const OUTPUT_CHUNK = 256 * 1024

/**
 * Unpacks exactly one gzip member, chunk by chunk, in the thread pool.
 *
 * Node's own Gunzip goes on to further members and silently drops what follows a NUL, so that header and
 * trailer are read here and only the deflate data between them by zlib.
 */
export class GzipReader {
  readonly #limits: ArchiveLimits
  readonly #deliver: (plain: Buffer) => void
  readonly #inflate = createInflateRaw({ chunkSize: OUTPUT_CHUNK })
  readonly #trailer = new GzipTrailer()
  #phase: 'header' | 'data' | 'trailer' = 'header'
  #header = Buffer.alloc(0)
  #crc = 0
  #unpacked = 0
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined

  /** `deliver` gets the unpacked bytes in order; they are gone once it returns. It may throw to refuse them. */
  constructor(limits: ArchiveLimits, deliver: (plain: Buffer) => void) {
    this.#limits = limits
    this.#deliver = deliver
    this.#inflate.on('data', (plain: Buffer) => {
      this.#take(plain)
    })
    this.#inflate.on('end', () => this.#settle?.resolve())
    this.#inflate.on('error', (error) => this.#settle?.reject(error))
  }

  get unpackedSize(): number {
    return this.#unpacked
  }

  /** Resolves when all of the chunk is dealt with; the next one only after that. */
  async write(chunk: Uint8Array): Promise<void> {
    let rest = chunk
    if (this.#phase === 'header') rest = this.#readHeader(rest)
    if (this.#phase === 'data' && rest.length > 0) rest = await this.#inflated(rest)
    if (this.#phase === 'trailer') this.#trailer.push(rest)
  }

  /** @throws ArchiveRefused where the member is not complete or its checksum does not fit */
  end(): void {
    if (this.#phase !== 'trailer') {
      throw new ArchiveRefused(
        'archive-truncated',
        `the archive ends in the middle of its gzip ${this.#phase}, after ${this.#unpacked} unpacked bytes; send it whole`,
      )
    }
    this.#trailer.verify({ crc: this.#crc, size: this.#unpacked })
  }

  /** Gives zlib's memory back; a pending write is rejected. */
  close(reason: Error): void {
    this.#inflate.destroy()
    this.#settle?.reject(reason)
  }

  #readHeader(chunk: Uint8Array): Uint8Array {
    const before = this.#header.length
    this.#header = Buffer.concat([this.#header, chunk])
    const length = gzipHeaderLength(this.#header)
    if (length === undefined) return chunk.subarray(chunk.length)
    this.#header = Buffer.alloc(0)
    this.#phase = 'data'
    return chunk.subarray(length - before)
  }

  /** Unpacks the chunk; returns what of it lies beyond the end of the deflate data. */
  async #inflated(chunk: Uint8Array): Promise<Uint8Array> {
    const before = this.#inflate.bytesWritten
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject }
        // At the end of the deflate data zlib takes no more: then `end` comes instead of this callback.
        this.#inflate.write(chunk, (error) => {
          if (!error) resolve()
        })
      })
    } catch (error) {
      throw isDataError(error) ? corrupt(this.#unpacked, error) : error
    } finally {
      this.#settle = undefined
    }
    const rest = chunk.subarray(this.#inflate.bytesWritten - before)
    if (rest.length > 0) this.#phase = 'trailer'
    return rest
  }

  #take(plain: Buffer): void {
    try {
      this.#unpacked += plain.length
      this.#crc = crc32(plain, this.#crc)
      this.#checkLimits()
      this.#deliver(plain)
    } catch (error) {
      this.close(error as Error)
      return
    }
    releaseOutput(plain)
  }

  #checkLimits(): void {
    const { unpackedBytes, ratio, ratioFreeBytes } = this.#limits
    if (this.#unpacked > unpackedBytes) {
      throw new ArchiveRefused(
        'archive-unpacks-too-large',
        `the archive unpacks to more than ${unpackedBytes} bytes, the most that is taken`,
        { limit: unpackedBytes },
      )
    }
    const packed = this.#inflate.bytesWritten
    if (this.#unpacked > ratioFreeBytes && this.#unpacked > ratio * packed) {
      throw new ArchiveRefused(
        'archive-bomb',
        `${packed} bytes of the archive unpack to ${this.#unpacked}; beyond ${ratioFreeBytes} bytes at most ${ratio} times is taken`,
        { limit: ratio },
      )
    }
  }
}

/**
 * Gives the memory of an output buffer back with the last bytes in it: zlib takes a new one then. Left to the garbage
 * collector, which counts the small objects in front of them, they would come to tens of megabytes.
 */
function releaseOutput({ buffer, byteOffset, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + byteLength === OUTPUT_CHUNK) buffer.transfer(0)
}

function isDataError(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR' || code === 'Z_NEED_DICT'
}

function corrupt(unpacked: number, error: Error): ArchiveRefused {
  return new ArchiveRefused(
    'archive-corrupt',
    `the compressed data is damaged somewhere behind unpacked byte ${unpacked} (${error.message}); send the archive again, or train anew`,
  )
}
