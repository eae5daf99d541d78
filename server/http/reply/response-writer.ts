import type { ServerResponse } from 'node:http'
import { Grace, timedLooks, type Looks, type Pace } from '../pace.ts'
import { transferTurns, type TransferTurns } from '../transfer-turns.ts'

/**
 * How much may wait for all readers together: their sockets write it as soon as they have room, in no turn of ours and all in one
 * iteration of the event loop. A GB costs some 0.5 s of CPU time, so this holds the loop up for 35 ms at most, with up to 2,000 readers. Where each of 900
 * readers had 512 kB waiting, single iterations took 740 ms of CPU time, and polls waited for them (measured).
 */
const WAITING_BYTES = 64 * 1024 * 1024

/** How much of that may be for one reader. Smaller slices cost more system calls: 256 kB twice as many as 512 kB (measured). */
const MOST_SLICE_BYTES = 512 * 1024
const LEAST_SLICE_BYTES = 32 * 1024

/** How many readers something is being written to. */
let readers = 0

/**
 * How much is written at once.
 *
 * @param taken What this reader has taken so far. Only a whole slice is reported as taken, so one of 512 kB would have readers of less
 *   than 15 kB/s cut before they could show that they read: no slice is longer than what has earned the reader the time for it.
 */
function sliceBytes(taken: number): number {
  const most = Math.min(MOST_SLICE_BYTES, Math.floor(WAITING_BYTES / readers), taken)
  return Math.max(LEAST_SLICE_BYTES, most)
}

/**
 * A reader below 10 kB/s holds buffers and descriptors for nothing; a bot that slow would hit Rasa's own limit of 300 s at 3 MB.
 *
 * What a reader takes is seen in leaps: Linux says that a socket has room again when a third of its buffer is free (`sk_stream_is_writeable`),
 * and the buffer grows to 4 MiB (`tcp_wmem`). At 10 kB/s that is 140 s without any progress. With 30 s, readers of 40 kB/s were cut,
 * and of a thousand that shared a busy machine some (measured).
 */
export const READERS_PACE: Pace = {
  bytesPerSecond: 10_000,
  graceSeconds: 30,
  mostGraceSeconds: 150,
  lookSeconds: 5,
}

export interface ResponseWriterOptions {
  pace?: Pace
  looks?: Looks
  /** When this process has time for it. */
  turns?: Pick<TransferTurns, 'run'>
}

/** Writes a large body at the pace of its reader, and ends the connection of one that is too slow. */
export class ResponseWriter {
  readonly #response: ServerResponse
  readonly #pace: Pace
  readonly #looks: Looks
  readonly #turns: Pick<TransferTurns, 'run'>
  readonly #grace: Grace
  /** Bytes that were offered to the reader, and that it, or a buffer of the kernel, has taken. */
  #offered = 0
  #taken = 0
  /** The same at the look before. */
  #before = { offered: 0, taken: 0 }

  constructor(response: ServerResponse, options: ResponseWriterOptions = {}) {
    const { pace = READERS_PACE, looks = timedLooks, turns = transferTurns } = options
    this.#response = response
    this.#pace = pace
    this.#looks = looks
    this.#turns = turns
    this.#grace = new Grace(pace)
  }

  /**
   * Writes bytes and waits until the kernel has them all: the chunk is the caller's again then, and no more than one chunk per
   * reader is ever in memory.
   *
   * @returns false where the reader has gone or was too slow; the connection is closed then.
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    const response = this.#response
    if (response.destroyed || response.closed) return false
    const stopLooking = this.#watchReader()
    readers++
    try {
      return await this.#writeSlices(chunk)
    } finally {
      readers--
      stopLooking()
    }
  }

  /** Only for what was offered at one look, and not taken by the next, the reader was waited for: before, it was our delay. */
  #watchReader(): () => void {
    return this.#looks(() => {
      const { offered, taken } = this.#before
      this.#before = { offered: this.#offered, taken: this.#taken }
      const moved = this.#taken - taken
      if (this.#grace.look(moved, moved === 0 && offered > taken)) this.#response.destroy()
    }, this.#pace.lookSeconds)
  }

  #writeSlices(chunk: Uint8Array): Promise<boolean> {
    const response = this.#response
    return new Promise((resolve) => {
      let issued = 0
      const settle = (written: boolean): void => {
        response.off('close', onClose)
        resolve(written)
      }
      const onClose = (): void => {
        settle(false)
      }
      // One slice at a time: the socket would write a second one by itself, right after the first.
      const issue = (): void => {
        const slice = chunk.subarray(issued, issued + sliceBytes(this.#taken))
        issued += slice.length
        this.#turns.run(() => {
          if (response.destroyed) return
          this.#offered += slice.length
          // Otherwise Node writes it after this function has returned, and the turn would seem to have taken no time.
          response.cork()
          response.write(slice, (error) => {
            if (error) {
              settle(false)
              return
            }
            this.#taken += slice.length
            if (issued < chunk.length) issue()
            else settle(true)
          })
          response.uncork()
        })
      }
      response.on('close', onClose)
      issue()
    })
  }
}
