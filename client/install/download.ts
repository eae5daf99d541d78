import { createHash } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { errorCode } from '../failure.ts'
import type { PullFailure } from '../failure.ts'
import { readChunks } from '../sources/read-chunks.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { BlockWriter } from './block-writer.ts'
import { readDownloadRecord, writeDownloadRecord } from './download-record.ts'
import type { DownloadRecord } from './download-record.ts'
import { makeFolder } from './make-folder.ts'
import { RunningCheck } from './running-check.ts'

/** What a download is made of. */
interface Parts extends DownloadRecord {
  file: string
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
  readonly #writer: BlockWriter
  #check: RunningCheck

  private constructor({ file, source, head, handle, check, bytes }: Parts, inspect: boolean) {
    this.file = file
    this.source = source
    this.head = head
    this.inspect = inspect
    this.#handle = handle
    this.#check = check
    this.#writer = new BlockWriter(handle, check, bytes)
  }

  /** Bytes that arrived, from the first on. */
  get bytes(): number {
    return this.#writer.bytes
  }

  /**
   * Begins from zero, in place of whatever was begun before.
   *
   * @param inspect Whether gzip and tar are looked into.
   */
  static async begin(folder: string, source: string, head: ArchiveHead, inspect = true): Promise<Download> {
    await dropDownloads(folder)
    await makeFolder(folder)
    const { etag, digest, filename } = head
    const name = digest ?? sha256(`${source} ${etag ?? ''}`)
    const file = path.join(folder, `${name}.part`)
    await writeDownloadRecord(file, { source, head })
    const handle = await open(file, 'w+')
    return new Download(
      { file, source, head, handle, check: new RunningCheck(filename, inspect), bytes: 0 },
      inspect,
    )
  }

  /** Goes on with what an earlier process left; undefined where there is nothing, or nothing that can be read. */
  static async resume(folder: string, inspect: boolean, signal: AbortSignal): Promise<Download | undefined> {
    const names = await readdir(folder).catch(() => [])
    const name = names.find((each) => each.endsWith('.part'))
    if (name === undefined) return undefined
    const file = path.join(folder, name)
    const record = await readDownloadRecord(file)
    if (record === undefined) {
      await dropDownloads(folder)
      return undefined
    }
    const check = new RunningCheck(record.head.filename, inspect)
    try {
      let bytes = 0
      for await (const chunk of readChunks(await open(file, 'r'), 0, signal)) {
        await check.write(chunk)
        bytes += chunk.length
      }
      return new Download({ file, ...record, handle: await open(file, 'r+'), check, bytes }, inspect)
    } catch (error) {
      check.close()
      signal.throwIfAborted()
      await dropDownloads(folder)
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** Appends bytes; the chunk is the caller's again when it resolves. */
  append(chunk: Uint8Array): Promise<void> {
    return this.#writer.append(chunk)
  }

  /** Puts all that arrived into the file. */
  settle(): Promise<void> {
    return this.#writer.settle()
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
    const check = new RunningCheck(this.head.filename, this.inspect)
    await this.#writer.rewind(check)
    this.#check.close()
    this.#check = check
  }

  /** Makes the bytes survive a power cut, and closes the file. */
  async complete(): Promise<void> {
    await this.settle()
    await this.#handle.sync()
    await this.#close()
  }

  /** Closes the file and leaves it for another time, as far as it came. */
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

/** Removes what lies in the folder of partial downloads. */
export async function dropDownloads(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
