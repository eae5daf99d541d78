/**
 * Gathers a stream's chunks into blocks of `blockBytes`; the last may be shorter.
 *
 * Two buffers take turns: a block is valid until the one after the next is asked for, so that one can be worked on
 * while the next is gathered.
 */
export async function* inBlocks(
  chunks: AsyncIterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Uint8Array> {
  let filling: Buffer = Buffer.allocUnsafeSlow(blockBytes)
  let resting: Buffer | undefined
  let filled = 0
  for await (const chunk of chunks) {
    let taken = 0
    while (taken < chunk.length) {
      const part = chunk.subarray(taken, taken + blockBytes - filled)
      filling.set(part, filled)
      taken += part.length
      filled += part.length
      if (filled < blockBytes) continue
      yield filling
      const next = resting ?? Buffer.allocUnsafeSlow(blockBytes)
      resting = filling
      filling = next
      filled = 0
    }
  }
  if (filled > 0) yield filling.subarray(0, filled)
}
