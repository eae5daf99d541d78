import { ArchiveRefused } from '../archive-refused.ts'

/** CRC-32 and length, four bytes each (RFC 1952 §2.3.1). */
const TRAILER = 8

/** Takes what follows the compressed data: a trailer that must fit what was unpacked, and then nothing. */
export class GzipTrailer {
  readonly #bytes = Buffer.alloc(TRAILER + 2)
  #length = 0

  /** @throws ArchiveRefused where anything follows the trailer */
  push(chunk: Uint8Array): void {
    const taken = chunk.subarray(0, this.#bytes.length - this.#length)
    this.#bytes.set(taken, this.#length)
    this.#length += taken.length
    if (this.#length === this.#bytes.length) throw this.#followed()
  }

  /** @throws ArchiveRefused where the trailer is not complete, is followed by a byte, or does not fit */
  verify(unpacked: { crc: number; size: number }): void {
    if (this.#length < TRAILER) {
      throw new ArchiveRefused(
        'archive-truncated',
        `the archive ends ${TRAILER - this.#length} bytes before the end of the gzip trailer; send it whole`,
      )
    }
    if (this.#length > TRAILER) throw this.#followed()
    const crc = this.#bytes.readUInt32LE(0)
    const size = this.#bytes.readUInt32LE(4)
    if (crc !== unpacked.crc || size !== unpacked.size % 2 ** 32) {
      throw new ArchiveRefused(
        'archive-corrupt',
        `the unpacked ${unpacked.size} bytes have CRC ${hex(unpacked.crc)}, but the gzip trailer names CRC ${hex(crc)} and ${size} bytes; the archive was damaged on its way`,
      )
    }
  }

  #followed(): ArchiveRefused {
    return this.#bytes[TRAILER] === 0x1f && this.#bytes[TRAILER + 1] === 0x8b
      ? new ArchiveRefused(
          'archive-multiple-members',
          'a second gzip member follows the first; expected is exactly one, as Rasa and tar write it',
        )
      : new ArchiveRefused(
          'archive-trailing-data',
          'bytes follow the end of the gzip data; expected is nothing',
        )
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
