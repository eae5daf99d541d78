import { isRecord } from '../metadata/typed-value.ts'
import type { ContentCheck } from './content-check.ts'

/** The header's length, as eight bytes in front of it. */
const LENGTH = 8

/** Rasa's headers name some dozens of arrays. A longer one is taken as it is. */
const LONGEST_HEADER = 256 * 1024

/** Whether a safetensors file is as long as its header says: length, JSON header, data. */
export class SafetensorsCheck implements ContentCheck {
  readonly #size: number
  #start = Buffer.alloc(0)
  #needed = LENGTH

  constructor(size: number) {
    this.#size = size
  }

  push(piece: Buffer): void {
    if (this.#start.length >= this.#needed) return
    this.#start = Buffer.concat([
      this.#start,
      piece.subarray(0, LENGTH + LONGEST_HEADER - this.#start.length),
    ])
    if (this.#start.length >= LENGTH) this.#needed = Math.min(this.#headerEnd(), LENGTH + LONGEST_HEADER)
  }

  damage(): string | undefined {
    if (this.#size === 0) return 'is empty'
    if (this.#size < LENGTH || this.#headerEnd() > this.#size) return 'is cut'
    const headerEnd = this.#headerEnd()
    if (headerEnd > LENGTH + LONGEST_HEADER) return undefined
    const dataSize = dataSizeOf(this.#start.toString('utf8', LENGTH, headerEnd))
    if (dataSize === undefined) return 'is no safetensors file'
    return headerEnd + dataSize === this.#size ? undefined : 'is cut'
  }

  #headerEnd(): number {
    return LENGTH + Number(this.#start.readBigUInt64LE(0))
  }
}

/** Where the last array ends, by `{"name": {"dtype": …, "shape": …, "data_offsets": [start, end]}}`. */
function dataSizeOf(header: string): number | undefined {
  try {
    const entries = JSON.parse(header) as unknown
    if (!isRecord(entries)) return undefined
    const ends = Object.values(entries).map((entry) => {
      const offsets = isRecord(entry) ? entry['data_offsets'] : undefined
      return Array.isArray(offsets) ? Number(offsets[1]) : 0
    })
    return ends.reduce((most, end) => Math.max(most, end), 0)
  } catch {
    return undefined
  }
}
