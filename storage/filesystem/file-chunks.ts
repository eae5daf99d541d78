import { toStoreError } from './file-error.ts'
import type { OpenFile } from './file-system.ts'
import type { ByteRange } from '../object-store.ts'
import { StoreFailed } from '../object-store.ts'
import { sharedReadBuffers } from './read-buffers.ts'

/**
 * The bytes of a part of an open file. While the caller holds one chunk the next is read into a second buffer:
 * disk and socket work at the same time, at the speed of sendfile (2.5 times that of a read stream).
 *
 * A chunk is valid until the next one is asked for.
 *
 * @param name what is read, for error messages
 * @param requireSame called once the last bytes were read, before they are given: what it throws is thrown instead of them
 * @throws StoreFailed where the file has fewer bytes than the range asks for
 */
export async function* fileChunks(
  file: Pick<OpenFile, 'read'>,
  range: ByteRange,
  name: string,
  signal?: AbortSignal,
  requireSame?: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = range.start + range.length
  if (range.length === 0) return
  const bufferSize = sharedReadBuffers.enter(range.length)
  let next: Promise<Uint8Array> | undefined
  let spare: Uint8Array | undefined

  const readAt = async (position: number, buffer: Uint8Array): Promise<Uint8Array> => {
    const wanted = Math.min(buffer.byteLength, end - position)
    const { bytesRead } = await file.read(buffer, 0, wanted, position).catch((error: unknown) => {
      throw toStoreError(error, `reading ${name}`)
    })
    if (position + bytesRead === end) await requireSame?.()
    if (bytesRead > 0) return buffer.subarray(0, bytesRead)
    throw new StoreFailed(`${name} ended after ${position} bytes where ${end} were expected`)
  }

  try {
    let position = range.start
    next = readAt(position, sharedReadBuffers.take(bufferSize))
    while (next) {
      signal?.throwIfAborted()
      const chunk: Uint8Array = await next
      position += chunk.byteLength
      next = position < end ? readAt(position, spare ?? sharedReadBuffers.take(bufferSize)) : undefined
      // Awaited above or below; until then nobody may call its failure unhandled.
      next?.catch(() => undefined)
      spare = undefined
      yield chunk
      // Asked for more: nobody looks at this chunk now. Where the caller stopped instead, a socket may still be
      // sending from it, so that buffer is left to the garbage collector.
      spare = new Uint8Array(chunk.buffer)
    }
  } finally {
    sharedReadBuffers.leave()
    if (spare) sharedReadBuffers.give(spare)
    const unused = await next?.catch(() => undefined)
    if (unused) sharedReadBuffers.give(new Uint8Array(unused.buffer))
  }
}
