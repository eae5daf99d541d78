import { createHash } from 'node:crypto'
import { open, readFile, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { errorCode } from '../failure.ts'
import type { PullFailure } from '../failure.ts'
import { readChunks } from '../sources/read-chunks.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { replaceFile } from './durable.ts'
import { makeFolder } from './make-folder.ts'
import { RunningCheck } from './running-check.ts'

/** Bytes that are checked and written at once; two such buffers are in use. */
const BLOCK = 1024 * 1024
/** The disk is told to write so often, so that the last wait is short. */
const SYNC_EVERY = 64 * BLOCK

const aboutSchema = z.object({
  source: z.string(),
  etag: z.string().optional(),
  digest: z.string().optional(),
  size: z.number().optional(),
  filename: z.string(),
  release: z.number().optional(),
})

/** What a download is made of. */
interface Parts {
  file: string
  /** The key of the source. */
  source: string
  head: ArchiveHead
  handle: FileHandle
  check: RunningCheck
  /** Bytes in the file. */
  bytes: number
}

/**
 * An archive on its way in: a file in DIR/.slipway/partial that survives the process, and the check of what it
 * holds. Only one lies there at a time.
 */
export class Download {
  readonly head: ArchiveHead
  readonly source: string
  readonly file: string
  /** Whether gzip and tar are looked into. */
  readonly inspect: boolean
  readonly #handle: FileHandle
  #bytes: number
  #check: RunningCheck
  #block = Buffer.allocUnsafe(BLOCK)
  #spare = Buffer.allocUnsafe(BLOCK)
  #filled = 0
  #writing: Promise<unknown> = Promise.resolve()
  #checking: Promise<unknown> = Promise.resolve()
  #sync: Promise<unknown> = Promise.resolve()
  #unsynced = 0

  private constructor({ file, source, head, handle, check, bytes }: Parts, inspect: boolean) {
    this.file = file
    this.source = source
    this.head = head
    this.inspect = inspect
    this.#handle = handle
    this.#check = check
    this.#bytes = bytes
  }

  /** Bytes that arrived, from the first on. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Begins from zero, in place of whatever was begun before.
   *
   * @param inspect Whether gzip and tar are looked into.
   */
  static async begin(folder: string, source: string, head: ArchiveHead, inspect = true): Promise<Download> {
    await dropDownloads(folder)
    await makeFolder(folder)
    const { etag, digest, size, filename, release } = head
    const name = digest ?? sha256(`${source} ${etag ?? ''}`)
    const file = path.join(folder, `${name}.part`)
    await replaceFile(`${file}.json`, JSON.stringify({ source, etag, digest, size, filename, release }))
    const handle = await open(file, 'w+')
    return new Download(
      { file, source, head, handle, check: new RunningCheck(filename, inspect), bytes: 0 },
      inspect,
    )
  }

  /** Takes up what an earlier process left; undefined where there is nothing, or nothing that can be read. */
  static async resume(folder: string, inspect: boolean, signal: AbortSignal): Promise<Download | undefined> {
    const names = await readdir(folder).catch(() => [])
    const name = names.find((each) => each.endsWith('.part'))
    if (name === undefined) return undefined
    const file = path.join(folder, name)
    let check: RunningCheck | undefined
    try {
      const { source, ...head } = aboutSchema.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')))
      check = new RunningCheck(head.filename, inspect)
      let bytes = 0
      for await (const chunk of readChunks(await open(file, 'r'), 0, signal)) {
        await check.write(chunk)
        bytes += chunk.length
      }
      return new Download({ file, source, head, handle: await open(file, 'r+'), check, bytes }, inspect)
    } catch (error) {
      check?.close()
      signal.throwIfAborted()
      await dropDownloads(folder)
      if (error instanceof z.ZodError || error instanceof SyntaxError) return undefined
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    }
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

  /** Puts all that arrived into the file. */
  async settle(): Promise<void> {
    if (this.#filled > 0) await this.#flush()
    await this.#writing
    await this.#checking
    await this.#sync
  }

  /** What is wrong with the bytes so far; undefined where nothing is known to be. */
  get unsound(): PullFailure | undefined {
    return this.#check.unsound
  }

  /** SHA-256 of all that arrived, in hex. Call {@link settle} first. */
  digest(): string {
    return this.#check.digest()
  }

  /** To be called once, when every byte is there. @throws PullFailure `unsound` where it is no sound archive. */
  endCheck(): void {
    this.#check.end()
  }

  /** Goes back to the first byte: what came is not to be used. */
  async rewind(): Promise<void> {
    this.#filled = 0
    await this.#writing.catch(() => undefined)
    await this.#checking.catch(() => undefined)
    await this.#sync.catch(() => undefined)
    await this.#handle.truncate(0)
    this.#check.close()
    this.#check = new RunningCheck(this.head.filename, this.inspect)
    this.#bytes = 0
    this.#writing = this.#checking = this.#sync = Promise.resolve()
  }

  /** Makes the bytes survive a power cut, and lets go of the file. */
  async complete(): Promise<void> {
    await this.settle()
    await this.#handle.sync()
    await this.#close()
  }

  /** Lets go of the file and leaves it for another time, as far as it came. */
  async leave(): Promise<void> {
    await this.settle().catch(() => undefined)
    await this.#close()
  }

  async #close(): Promise<void> {
    this.#check.close()
    await this.#handle.close()
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function writeAll(handle: FileHandle, block: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < block.length) {
    done += (await handle.write(block, done, block.length - done, position + done)).bytesWritten
  }
}

/** Removes what lies in the folder of partial downloads. */
export async function dropDownloads(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
