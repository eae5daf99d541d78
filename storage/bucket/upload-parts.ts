import type { ByteRange } from '../object-store.ts'
import type { UploadSource } from './bucket.ts'
import { partSize, sharedPartBuffers, type PartBuffers } from './part-buffers.ts'

/** Parts of one object that are sent at the same time, where there is memory for so many. */
const AT_A_TIME = 4

/** How much is handed to a connection at once: each block that it takes counts as progress. */
const BLOCK_BYTES = 256 * 1024

/** The parts of `size` bytes: at most `most` of them, each but the last a multiple of 1 MiB. */
export function partsOf(size: number, most: number): ByteRange[] {
  const MiB = 1024 * 1024
  const length = Math.max(partSize, Math.ceil(size / most / MiB) * MiB)
  const count = Math.ceil(size / length)
  return Array.from({ length: count }, (_, index) => ({
    start: index * length,
    length: Math.min(length, size - index * length),
  }))
}

/** Reads a part into memory of the shared budget, for as long as `work` needs it. */
export async function withPart<Result>(
  source: UploadSource,
  { start, length }: ByteRange,
  work: (bytes: Buffer) => Promise<Result>,
  buffers: PartBuffers = sharedPartBuffers,
): Promise<Result> {
  const buffer = await buffers.take(length)
  let succeeded = false
  try {
    await source.readInto(buffer.bytes, start)
    const result = await work(buffer.bytes)
    succeeded = true
    return result
  } finally {
    buffer.release(succeeded)
  }
}

/**
 * Sends the parts of an object, some at a time; where one fails the others are ended too.
 *
 * @param work sends one part; its signal is aborted where another failed, or with the caller's
 */
export async function uploadParts<Result>(
  source: UploadSource,
  parts: readonly ByteRange[],
  callerSignal: AbortSignal | undefined,
  work: (bytes: Buffer, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = parts.entries()
  const failing = new AbortController()
  const signal = callerSignal ? AbortSignal.any([callerSignal, failing.signal]) : failing.signal
  let failure: { error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const [index, part] of waiting) {
      if (failure) return
      try {
        results[index] = await withPart(source, part, (bytes) => work(bytes, index, signal))
      } catch (error) {
        failure ??= { error }
        failing.abort(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  if (failure) throw failure.error
  return results
}

/** Bytes in blocks; `progress` is called whenever the connection that takes them asks for the next. */
export async function* sentBlocks(
  bytes: Uint8Array,
  progress: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.byteLength; start += BLOCK_BYTES) {
    if (start > 0) progress()
    yield bytes.subarray(start, start + BLOCK_BYTES)
  }
}
