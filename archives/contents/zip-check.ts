import type { ContentCheck } from './content-check.ts'

/** A zip ends with this record where it has no comment; skops, by Python's zipfile, writes none. */
const END_RECORD = 22
const END_SIGNATURE = 0x06054b50
const LOCAL_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1')
/** Stands for a number in the 64-bit records in front of the end record. */
const ELSEWHERE = 0xffffffff

/** Whether a file begins and ends as a zip archive does (APPNOTE.TXT 4.3), with its directory where its end says. */
export class ZipCheck implements ContentCheck {
  readonly #size: number
  readonly #start = Buffer.alloc(LOCAL_SIGNATURE.length)
  readonly #end: Buffer
  #length = 0

  constructor(size: number) {
    this.#size = size
    this.#end = Buffer.alloc(Math.min(END_RECORD, size))
  }

  push(piece: Buffer): void {
    if (this.#length < this.#start.length) piece.copy(this.#start, this.#length)
    const endStart = this.#size - this.#end.length
    const from = Math.max(0, endStart - this.#length)
    if (from < piece.length) piece.copy(this.#end, this.#length + from - endStart, from)
    this.#length += piece.length
  }

  damage(): string | undefined {
    if (this.#size === 0) return 'is empty'
    if (!this.#start.equals(LOCAL_SIGNATURE)) return 'is no zip archive, as skops writes it'
    if (this.#size < END_RECORD || this.#end.readUInt32LE(0) !== END_SIGNATURE) return 'is cut'
    const directorySize = this.#end.readUInt32LE(12)
    const directoryStart = this.#end.readUInt32LE(16)
    const isSmall = directorySize !== ELSEWHERE && directoryStart !== ELSEWHERE
    return isSmall && directoryStart + directorySize !== this.#size - END_RECORD ? 'is cut' : undefined
  }
}
