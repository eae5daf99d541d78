import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, unlink } from 'node:fs/promises'
import path from 'node:path'
import { fileChunks } from '../filesystem/file-chunks.ts'
import { inStoreWords, meansNoFile, toStoreError } from '../filesystem/file-error.ts'
import { writeWhole } from '../filesystem/write-whole.ts'
import { StoreFailed } from '../object-store.ts'

/** A local folder where bytes wait for their upload: their digest, which is their key, is known only at the end. */
export class Spool {
  readonly #folder: string
  readonly #inUse = new Set<string>()

  /** @param folder made when needed; only spools write in it */
  constructor(folder: string) {
    this.#folder = path.resolve(folder)
  }

  async create(): Promise<SpooledFile> {
    const name = randomUUID()
    const at = path.join(this.#folder, name)
    this.#inUse.add(name)
    try {
      await mkdir(this.#folder, { recursive: true })
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
      return new SpooledFile(at, await open(at, flags, 0o600), () => this.#inUse.delete(name))
    } catch (error) {
      this.#inUse.delete(name)
      throw toStoreError(error, `making ${at}`)
    }
  }

  /**
   * Removes what earlier processes left, and the names of what others that share the folder are writing now, which they read by their open
   * files; how many files that were.
   */
  async sweep(): Promise<number> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (meansNoFile(error)) return []
      throw error
    })
    const leftOver = names.filter((name) => !this.#inUse.has(name))
    let removed = 0
    for (const name of leftOver) if (await unlinkIfThere(path.join(this.#folder, name))) removed++
    return removed
  }
}

/** @returns false where another process has removed it meanwhile. */
async function unlinkIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if (meansNoFile(error)) return false
    throw error
  }
}

/** Bytes on their way to a store. Not flushed: a power cut ends the upload too. */
export class SpooledFile {
  size = 0
  readonly #path: string
  readonly #file: FileHandle
  readonly #onEnd: () => void
  #isOpen = true

  constructor(at: string, file: FileHandle, onEnd: () => void) {
    this.#path = at
    this.#file = file
    this.#onEnd = onEnd
  }

  async write(chunk: Uint8Array): Promise<void> {
    await writeWhole(this.#file, chunk, this.#path)
    this.size += chunk.byteLength
  }

  read(): AsyncIterable<Uint8Array> {
    return fileChunks(this.#file, { start: 0, length: this.size }, this.#path)
  }

  /** Fills all of `into` with what was written from `start` on. */
  async readInto(into: Uint8Array, start: number): Promise<void> {
    let filled = 0
    while (filled < into.byteLength) {
      const { bytesRead } = await inStoreWords(
        this.#file.read(into, filled, into.byteLength - filled, start + filled),
        `reading ${this.#path}`,
      )
      if (bytesRead === 0) throw new StoreFailed(`${this.#path} is shorter than what was written to it`)
      filled += bytesRead
    }
  }

  /** Removes the file. Safe to call twice. */
  async discard(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#file.close().catch(() => undefined)
    // What cannot be removed now is swept at the next start.
    await unlink(this.#path).catch(() => undefined)
    this.#onEnd()
  }
}
