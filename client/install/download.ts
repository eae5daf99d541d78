import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { readChunks } from '../sources/read-chunks.ts'
import type { ArchiveHead } from '../sources/source.ts'
import { replaceFile } from './durable.ts'

/** Bytes that are hashed and written at once; two such buffers are in use. */
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

/**
 * An archive on its way in: a file in DIR/.slipway/partial that survives the process, and the hash of what it
 * holds. Only one lies there at a time.
 */
export class Download {
  readonly head: ArchiveHead
  readonly source: string
  readonly file: string
  #bytes: number
  readonly #handle: FileHandle
  #hash: Hash
  #block = Buffer.allocUnsafe(BLOCK)
  #spare = Buffer.allocUnsafe(BLOCK)
  #filled = 0
  #writing: Promise<unknown> = Promise.resolve()
  #sync: Promise<unknown> = Promise.resolve()
  #unsynced = 0

  private constructor(
    file: string,
    source: string,
    head: ArchiveHead,
    handle: FileHandle,
    hash: Hash,
    bytes: number,
  ) {
    this.file = file
    this.source = source
    this.head = head
    this.#handle = handle
    this.#hash = hash
    this.#bytes = bytes
  }

  /** Bytes that arrived, from the first on. */
  get bytes(): number {
    return this.#bytes
  }

  /** Begins from zero, in place of whatever was begun before. */
  static async begin(folder: string, source: string, head: ArchiveHead): Promise<Download> {
    await dropDownloads(folder)
    await mkdir(folder, { recursive: true })
    const { etag, digest, size, filename, release } = head
    const file = path.join(
      folder,
      `${
        digest ??
        createHash('sha256')
          .update(`${source} ${etag ?? ''}`)
          .digest('hex')
      }.part`,
    )
    await replaceFile(`${file}.json`, JSON.stringify({ source, etag, digest, size, filename, release }))
    return new Download(file, source, head, await open(file, 'w+'), createHash('sha256'), 0)
  }

  /** Takes up what an earlier process left; undefined where there is nothing, or nothing that can be read. */
  static async resume(folder: string, signal: AbortSignal): Promise<Download | undefined> {
    const names = await readdir(folder).catch(() => [])
    const name = names.find((each) => each.endsWith('.part'))
    if (name === undefined) return undefined
    const file = path.join(folder, name)
    try {
      const { source, ...head } = aboutSchema.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')))
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of readChunks(await open(file, 'r'), 0, signal)) {
        hash.update(chunk)
        bytes += chunk.length
      }
      return new Download(file, source, head, await open(file, 'r+'), hash, bytes)
    } catch (error) {
      signal.throwIfAborted()
      await dropDownloads(folder)
      if (error instanceof z.ZodError || error instanceof SyntaxError) return undefined
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
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
    this.#writing = writeAll(this.#handle, block, position)
    // Looked at when it is awaited; until then its failure is nobody's.
    this.#writing.catch(() => undefined)
    ;[this.#block, this.#spare] = [this.#spare, this.#block]
    this.#hash.update(block)
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
    await this.#sync
  }

  /** SHA-256 of all that arrived, in hex. Call {@link settle} first. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Goes back to the first byte: what came is not to be used. */
  async rewind(): Promise<void> {
    this.#filled = 0
    await this.#writing.catch(() => undefined)
    await this.#sync.catch(() => undefined)
    await this.#handle.truncate(0)
    this.#hash = createHash('sha256')
    this.#bytes = 0
    this.#writing = this.#sync = Promise.resolve()
  }

  /** Makes the bytes survive a power cut, and lets go of the file. */
  async complete(): Promise<void> {
    await this.settle()
    await this.#handle.sync()
    await this.#handle.close()
  }

  /** Lets go of the file and leaves it for another time, as far as it came. */
  async leave(): Promise<void> {
    await this.settle().catch(() => undefined)
    await this.#handle.close()
  }
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
