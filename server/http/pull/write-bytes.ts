import type { ServerResponse } from 'node:http'
import { transferTurns } from '../transfer-turns.ts'

/** How much may wait for a slow reader at once. */
const SLICE_BYTES = 256 * 1024

/**
 * How long a slice may take: 256 KiB in 30 s is 8.7 kB/s. Readers slower than that hold buffers and descriptors
 * for nothing; a bot that slow would hit Rasa's own limit of 300 s at 2.6 MB.
 */
const SLICE_MILLISECONDS = 30_000

/**
 * Writes bytes to a response and waits until the kernel has them all: the chunk is the caller's again then, and no
 * more than one chunk per reader is ever in memory.
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
    let issued = 0
    let unwritten = chunk.length
    const tooSlow = setTimeout(() => response.destroy(), sliceMilliseconds)
    const settle = (written: boolean): void => {
      clearTimeout(tooSlow)
      response.off('close', onClose)
      resolve(written)
    }
    const onClose = (): void => {
      settle(false)
    }
    // Two slices at a time: the socket is never idle, and as only one of them waits in it, each is reported by itself
    // (what waits together is written together, by writev, and reported at its end).
    const issue = (): void => {
      if (issued >= chunk.length) return
      const slice = chunk.subarray(issued, issued + SLICE_BYTES)
      issued += slice.length
      transferTurns.run(() => {
        if (response.destroyed) return
        // Until here it was our delay.
        tooSlow.refresh()
        response.write(slice, (error) => {
          if (error) {
            settle(false)
            return
          }
          unwritten -= slice.length
          if (unwritten === 0) {
            settle(true)
            return
          }
          issue()
        })
      })
    }
    response.on('close', onClose)
    issue()
    issue()
  })
}
