import type { Reply } from './exchange.ts'

/** Reads a reply's whole body, which must be short. @returns undefined where it is longer than `limit` bytes. */
export async function readShortBody(reply: Reply, limit: number): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of reply.chunks) {
    size += chunk.length
    if (size > limit) {
      await reply.cancel()
      return undefined
    }
    parts.push(Uint8Array.from(chunk))
  }
  return Buffer.concat(parts)
}
