import type { Writable } from 'node:stream'
import type { DestinationStream } from 'pino'

/** Lines that wait for a slow reader; what comes on top of them is dropped. */
const MOST_WAITING_BYTES = 4 * 1024 ** 2

/**
 * Where the log goes. Its reader may be slow, or gone: neither may hold up an answer, the memory, or the end of the process.
 *
 * Standard output of Node does not block on pipes and sockets. Pino's own destination (sonic-boom) does: it writes in the thread
 * pool, which `process.exit` waits for, and after EPIPE it tries again in the `exit` event for ever.
 */
export class LogOutput implements DestinationStream {
  readonly #stream: Writable
  readonly #mostWaitingBytes: number
  #dropped = 0

  constructor(stream: Writable, mostWaitingBytes = MOST_WAITING_BYTES) {
    this.#stream = stream
    this.#mostWaitingBytes = mostWaitingBytes
    // EPIPE: the reader has gone, and there is nobody to tell. The server goes on.
    stream.on('error', () => undefined)
  }

  /** @param line JSON and a newline. */
  write(line: string): void {
    if (this.#stream.writableLength > this.#mostWaitingBytes) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) {
      const time = new Date().toISOString()
      const notice = { level: 40, time, lines: this.#dropped, msg: 'log_lines_dropped' }
      this.#dropped = 0
      this.#stream.write(`${JSON.stringify(notice)}\n`)
    }
    this.#stream.write(line)
  }

  /** Resolves when everything was written, or after so many milliseconds. */
  async flush(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, milliseconds, undefined)
    // Called with an error too where the reader has gone.
    this.#stream.write('', () => {
      resolve(undefined)
    })
    await promise
    clearTimeout(timer)
  }
}
