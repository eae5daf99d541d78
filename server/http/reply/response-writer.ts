import type { ServerResponse } from 'node:http'
import { Grace, timedLooks, type Looks, type Pace } from '../pace.ts'
import { transferTurns, type TransferTurns } from '../transfer-turns.ts'

/** How much may wait for a slow reader at once. */
const SLICE_BYTES = 256 * 1024

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
    try {
      return await this.#writeSlices(chunk)
    } finally {
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
      let unwritten = chunk.length
      const settle = (written: boolean): void => {
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
        this.#turns.run(() => {
          if (response.destroyed) return
          this.#offered += slice.length
          response.write(slice, (error) => {
            if (error) {
              settle(false)
              return
            }
            this.#taken += slice.length
            unwritten -= slice.length
            if (unwritten === 0) settle(true)
            else issue()
          })
        })
      }
      response.on('close', onClose)
      issue()
      issue()
    })
  }
}
