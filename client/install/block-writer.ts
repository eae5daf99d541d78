import type { FileHandle } from 'node:fs/promises'
import type { RunningCheck } from './running-check.ts'

/** Bytes that are checked and written at once; two such buffers are in use. */
const BLOCK = 1024 * 1024
/** The disk is told to write so often, so that the last wait is short. */
const SYNC_EVERY = 64 * BLOCK

/** Puts a stream into a file, block by block: while one is written and checked, the next is gathered. */
export class BlockWriter {
  readonly #handle: FileHandle
  #check: RunningCheck
  #bytes: number
  #block = Buffer.allocUnsafe(BLOCK)
  #spare = Buffer.allocUnsafe(BLOCK)
  #filled = 0
  #writing: Promise<unknown> = Promise.resolve()
  #checking: Promise<unknown> = Promise.resolve()
  #sync: Promise<unknown> = Promise.resolve()
  #unsynced = 0

  /**
   * @param check Is given every block, and stays the caller's to close.
   * @param bytes How many bytes are in the file, and were checked, already.
   */
  constructor(handle: FileHandle, check: RunningCheck, bytes: number) {
    this.#handle = handle
    this.#check = check
    this.#bytes = bytes
  }

  /** Bytes that were appended, with those that were in the file before. */
  get bytes(): number {
    return this.#bytes
  }

  /** Appends bytes; the chunk is the caller's again when it resolves. */
  async append(chunk: Uint8Array): Promise<void> {
    let taken = 0
    while (taken < chunk.length) {
      const part = chunk.subarray(taken, taken + BLOCK - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      taken += part.length
      this.#bytes += part.length
      if (this.#filled === BLOCK) await this.#flush()
    }
  }

  /** Waits until all that was appended is in the file and checked. */
  async settle(): Promise<void> {
    if (this.#filled > 0) await this.#flush()
    await this.#writing
    await this.#checking
    await this.#sync
  }

  /** Empties the file, to begin again with another check. */
  async rewind(check: RunningCheck): Promise<void> {
    this.#filled = 0
    await Promise.allSettled([this.#writing, this.#checking, this.#sync])
    await this.#handle.truncate(0)
    this.#check = check
    this.#bytes = 0
    this.#writing = this.#checking = this.#sync = Promise.resolve()
  }

  async #flush(): Promise<void> {
    const block = this.#block.subarray(0, this.#filled)
    const position = this.#bytes - this.#filled
    this.#filled = 0
    await this.#writing
    await this.#checking
    this.#writing = writeAll(this.#handle, block, position)
    this.#checking = this.#check.write(block)
    // Failures are thrown where the promises are awaited; until then they must not end the process.
    this.#writing.catch(() => undefined)
    this.#checking.catch(() => undefined)
    ;[this.#block, this.#spare] = [this.#spare, this.#block]
    this.#unsynced += block.length
    if (this.#unsynced >= SYNC_EVERY) {
      this.#unsynced = 0
      await this.#sync
      this.#sync = this.#handle.datasync()
      this.#sync.catch(() => undefined)
    }
  }
}

async function writeAll(handle: FileHandle, block: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < block.length) {
    done += (await handle.write(block, done, block.length - done, position + done)).bytesWritten
  }
}
