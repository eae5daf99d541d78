/** The first bytes, at most so many; the rest is not read. */
export async function readStart(chunks: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    // Whoever gives it may use the memory of a chunk again.
    parts.push(Uint8Array.from(chunk.subarray(0, most - length)))
    length += chunk.length
    if (length >= most) break
  }
  return Buffer.concat(parts)
}
