import type { ServerResponse } from 'node:http'

/** How much may wait for a slow reader at once. */
const SLICE_BYTES = 256 * 1024

/**
 * How long a slice may take: 256 KiB in 30 s is 8.7 kB/s. Readers slower than that hold buffers and descriptors
 * for nothing; a bot that slow would hit Rasa's own limit of 300 s at 2.6 MB.
 */
const SLICE_MILLISECONDS = 30_000

/**
 * Writes bytes to a response and waits until the kernel has them all: the chunk is the caller's again then, and no
 * more than one chunk per reader is ever held.
 *
 * @param sliceMilliseconds How long 256 KiB may take.
 * @returns false where the reader has gone or was too slow; the connection is closed then.
 */
export async function writeBytes(
  response: ServerResponse,
  chunk: Uint8Array,
  sliceMilliseconds = SLICE_MILLISECONDS,
): Promise<boolean> {
  if (response.destroyed || response.closed) return false
  return new Promise((resolve) => {
    let remaining = Math.ceil(chunk.length / SLICE_BYTES)
    const tooSlow = setTimeout(() => response.destroy(), sliceMilliseconds)
    const settle = (written: boolean): void => {
      clearTimeout(tooSlow)
      response.off('close', onClose)
      resolve(written)
    }
    const onClose = (): void => {
      settle(false)
    }
    const onWritten = (error: Error | null | undefined): void => {
      if (error) settle(false)
      else if (--remaining === 0) settle(true)
      else tooSlow.refresh()
    }
    response.on('close', onClose)
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      response.write(chunk.subarray(start, start + SLICE_BYTES), onWritten)
    }
  })
}
