import type { ContentCheck } from './content-check.ts'

/** Ends every index of a TensorFlow checkpoint (tensorflow/tsl/lib/io/format.h, kTableMagicNumber). */
const MAGIC = Buffer.from('57fb808b247547db', 'hex')

/** Whether the index of TensorFlow weights is whole, as its last bytes tell. */
export class TensorIndexCheck implements ContentCheck {
  #end = Buffer.alloc(0)

  push(piece: Buffer): void {
    this.#end = Buffer.concat([this.#end, piece.subarray(-MAGIC.length)]).subarray(-MAGIC.length)
  }

  damage(): string | undefined {
    if (this.#end.length === 0) return 'is empty'
    return this.#end.equals(MAGIC) ? undefined : 'is cut'
  }
}
