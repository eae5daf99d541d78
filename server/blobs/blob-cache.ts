import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { fileChunks } from '../../storage/filesystem/file-chunks.ts'
import type { ByteRange } from '../../storage/object-store.ts'
import type { OpenBlob } from './blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import { FillingFile } from './filling-file.ts'

const FILLING = '.filling-'

/** Where blobs are fetched from. */
export interface CacheSource {
  open(digest: Digest): Promise<OpenBlob>
  /** Told of bytes that are not what their digest says, before whoever reads them is; what it throws is dropped. */
  onDamaged?: ((digest: Digest) => Promise<unknown>) | undefined
}

/**
 * Local copies of blobs, up to a number of bytes; the one that was used longest ago goes first. Only a cache: losing
 * it costs time, and a copy that rots on disk is fetched anew.
 */
export class BlobCache {
  readonly #folder: string
  readonly #maxBytes: number
  /** What is here, the one used longest ago first. */
  readonly #kept = new Map<Digest, number>()
  #bytes = 0
  /** Copies that were hashed since this program began. */
  readonly #verified = new Set<Digest>()
  readonly #fills = new Map<Digest, Promise<FillingFile>>()
  /** Copies made, for whoever counts. */
  fetched = 0

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  /** Finds what an earlier program left, in the order of use, and removes what it left half done. */
  async load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const found: { digest: Digest; size: number; usedAt: number }[] = []
    for (const name of await readdir(this.#folder)) {
      const file = path.join(this.#folder, name)
      if (name.startsWith(FILLING)) await rm(file, { force: true })
      else {
        const { size, mtimeMs } = await stat(file)
        found.push({ digest: name, size, usedAt: mtimeMs })
      }
    }
    for (const { digest, size } of found.toSorted((a, b) => a.usedAt - b.usedAt)) this.#remember(digest, size)
    await this.#evict()
  }

  /** Whether a blob of that size is kept at all. */
  takes(size: number): boolean {
    return size <= this.#maxBytes
  }

  /**
   * Opens a copy, also one that is still being made; undefined where there is none, or where it turned out to be
   * damaged.
   */
  async open(digest: Digest, range?: ByteRange): Promise<OpenBlob | undefined> {
    const size = this.#kept.get(digest)
    if (size === undefined) {
      const filling = this.#fills.get(digest)
      return filling && (join(await filling, range) ?? this.open(digest, range))
    }
    const file = await open(this.#path(digest), constants.O_RDONLY).catch(() => undefined)
    if (file === undefined || (!this.#verified.has(digest) && !(await hashesTo(file, digest)))) {
      await file?.close()
      await this.remove(digest)
      return undefined
    }
    this.#verified.add(digest)
    this.#remember(digest, size)
    const now = new Date()
    await utimes(this.#path(digest), now, now).catch(() => undefined)
    return reading(file, size, range ?? { start: 0, length: size }, () => file.close())
  }

  /**
   * Fetches a blob and lets it be read while it comes; however many ask, it is fetched once.
   *
   * @param source Where it is stored.
   */
  async fill(digest: Digest, source: CacheSource, range?: ByteRange): Promise<OpenBlob> {
    // Somebody may have made it, or begun to, since the caller looked.
    const copy = await this.open(digest, range)
    if (copy !== undefined) return copy
    let filling = this.#fills.get(digest)
    if (filling === undefined) {
      filling = this.#begin(digest, source)
      this.#fills.set(digest, filling)
      filling.catch(() => this.#fills.delete(digest))
    }
    return join(await filling, range) ?? this.fill(digest, source, range)
  }

  /** Drops a copy; reads in flight finish. */
  async remove(digest: Digest): Promise<void> {
    this.#bytes -= this.#kept.get(digest) ?? 0
    this.#kept.delete(digest)
    this.#verified.delete(digest)
    await rm(this.#path(digest), { force: true })
  }

  async #begin(digest: Digest, source: CacheSource): Promise<FillingFile> {
    const blob = await source.open(digest)
    const temporary = path.join(this.#folder, `${FILLING}${digest}`)
    let file: FileHandle
    try {
      file = await open(temporary, 'w+', 0o600)
    } catch (error) {
      await blob.close()
      throw error
    }
    this.fetched++
    const filling = new FillingFile(file, digest, blob.size)
    void this.#finish(digest, filling, { ...source, blob }, temporary)
    return filling
  }

  async #finish(
    digest: Digest,
    filling: FillingFile,
    { blob, onDamaged }: Omit<CacheSource, 'open'> & { blob: OpenBlob },
    temporary: string,
  ): Promise<void> {
    let outcome: 'sound' | { error: unknown } = 'sound'
    try {
      await filling.fill(blob)
      await rename(temporary, this.#path(digest))
      this.#verified.add(digest)
      this.#remember(digest, filling.size)
      await this.#evict()
    } catch (error) {
      outcome = { error }
      await rm(temporary, { force: true })
      if (isDamage(error)) await onDamaged?.(digest).catch(() => undefined)
    }
    // Readers hear of it last: whoever asks again finds the copy, or fetches anew.
    this.#fills.delete(digest)
    filling.settle(outcome)
    await filling.release()
    await blob.close()
  }

  #remember(digest: Digest, size: number): void {
    this.#bytes += size - (this.#kept.get(digest) ?? 0)
    this.#kept.delete(digest)
    this.#kept.set(digest, size)
  }

  async #evict(): Promise<void> {
    for (const digest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      await this.remove(digest)
    }
  }

  #path(digest: Digest): string {
    return path.join(this.#folder, digest)
  }
}

/** Reads a copy while it is made; undefined where that has just ended. */
function join(file: FillingFile, range: ByteRange = { start: 0, length: file.size }): OpenBlob | undefined {
  if (!file.retain()) return undefined
  return reading(file, file.size, range, () => file.release())
}

/** A blob being read from a local file, whole or still growing. */
function reading(
  file: Pick<FileHandle, 'read'> | FillingFile,
  size: number,
  range: ByteRange,
  letGo: () => Promise<void>,
): OpenBlob {
  let closed = false
  return {
    size,
    chunks: fileChunks(file, range, 'the local copy'),
    async close() {
      if (closed) return
      closed = true
      await letGo()
    },
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'blob-damaged'
}

async function hashesTo(file: FileHandle, digest: Digest): Promise<boolean> {
  const hash = createHash('sha256')
  const { size } = await file.stat()
  for await (const chunk of fileChunks(file, { start: 0, length: size }, 'the local copy')) hash.update(chunk)
  return hash.digest('hex') === digest
}
