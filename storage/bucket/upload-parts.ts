import type { ByteRange } from '../object-store.ts'
import type { UploadSource } from './bucket.ts'
import type { RetryPolicy } from './retry-policy.ts'
import type { AttemptOptions } from './with-retries.ts'
import { partSize, sharedPartBuffers, type BufferWait, type PartBuffers } from './part-buffers.ts'

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

/** For how long requests of uploads are made again: all uploads of the process tell each other that the store moves. */
export function ofUploads({ uploadRetryTime }: RetryPolicy): {
  retryTime: number
  othersMovedAt: () => number
} {
  return { retryTime: uploadRetryTime, othersMovedAt: () => sharedPartBuffers.movedAt }
}

/** A part of an object in memory. */
export interface LoadedPart {
  bytes: Buffer
  /** For its attempts: one that waited for memory is not waited for twice, and its progress is that of whoever waits. */
  attempts: Pick<AttemptOptions, 'idleSince' | 'onProgress'>
}

/**
 * Reads a part into memory of the shared budget, for as long as `work` needs it.
 *
 * @throws StoreUnavailable where there is no memory because nothing of other parts is taken
 */
export async function withPart<Result>(
  source: UploadSource,
  { start, length }: ByteRange,
  wait: BufferWait,
  work: (part: LoadedPart) => Promise<Result>,
  buffers: PartBuffers = sharedPartBuffers,
): Promise<Result> {
  const buffer = await buffers.take(length, wait)
  const { bytes, idleSince, onProgress } = buffer
  let succeeded = false
  try {
    await source.readInto(bytes, start)
    const result = await work({ bytes, attempts: { idleSince, onProgress } })
    succeeded = true
    return result
  } finally {
    buffer.release(succeeded)
  }
}

/**
 * Sends the parts of an object, some at a time; where one fails the others are ended too.
 *
 * @param wait the signal is that of the caller
 * @param work sends one part; its signal is aborted where another failed, or with the caller's
 */
export async function uploadParts<Result>(
  source: UploadSource,
  parts: readonly ByteRange[],
  wait: BufferWait,
  work: (part: LoadedPart, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = parts.entries()
  const failing = new AbortController()
  const signal = wait.signal ? AbortSignal.any([wait.signal, failing.signal]) : failing.signal
  let failure: { error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const [index, range] of waiting) {
      if (failure) return
      try {
        results[index] = await withPart(source, range, { ...wait, signal }, (part) =>
          work(part, index, signal),
        )
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

/**
 * The bytes of a source from `start` on, in blocks, read as they are asked for; `progress` as in {@link sentBlocks}.
 *
 * @param ring memory for the blocks: each is overwritten only when as many bytes as the ring has came after it, which no
 *   connection keeps back
 */
export async function* readBlocks(
  source: UploadSource,
  start: number,
  ring: Uint8Array,
  progress: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let slot = 0
  for (let position = start; position < source.size; position += BLOCK_BYTES) {
    if (position > start) progress()
    const block = ring.subarray(slot, slot + Math.min(BLOCK_BYTES, source.size - position))
    await source.readInto(block, position)
    yield block
    slot = (slot + BLOCK_BYTES) % ring.byteLength
  }
}
