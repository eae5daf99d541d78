import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { hashChunks } from '../../storage/hash-chunks.ts'
import { fileChunks } from '../../storage/filesystem/file-chunks.ts'
import { systemCode } from '../../storage/filesystem/file-error.ts'
import type { ByteRange } from '../../storage/object-store.ts'
import type { OpenBlob } from './blob-store.ts'
import { CacheFailed } from './cache-failed.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import { requireVersion, versionOf } from './copy-version.ts'
import { readLocalFile } from './read-local-file.ts'
import { StreamingCacheEntry } from './streaming-cache-entry.ts'

const FILLING = '.filling-'

/** Where blobs are fetched from. */
export interface CacheSource {
  /** @param size Bytes, as far as is known. */
  open(digest: Digest, size?: number): Promise<OpenBlob>
  /** Told of bytes that are not what their digest says, before whoever reads them is; what it throws is dropped. */
  onDamaged?: ((digest: Digest) => Promise<unknown>) | undefined
}

/** A copy on the local disk. */
interface Copy {
  size: number
  /** The file as it was when its bytes were hashed last: size, time of change and inode; undefined: not yet hashed. */
  version: string | undefined
}

/**
 * Local copies of blobs, up to a number of bytes; the one that was used longest ago goes first. Only a cache: a copy
 * whose file changed is hashed again before it is given out and thrown away where it is damaged, and a disk that fails
 * makes the cache miss, never its user fail.
 */
export class BlobCache {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #onFailure: (error: unknown) => void
  /** What is here, the one used longest ago first. */
  readonly #copies = new Map<Digest, Copy>()
  #bytes = 0
  /** Bytes of the copies that are being made. */
  #fillingBytes = 0
  readonly #fills = new Map<Digest, Promise<StreamingCacheEntry | undefined>>()
  readonly #checks = new Map<Digest, Promise<boolean>>()
  #isFailing = false
  /** For whoever counts: copies that were begun, their bytes, and copies that were damaged. */
  readonly counts = { fetched: 0, fetchedBytes: 0, damaged: 0 }

  /**
   * @param onFailure Hears of the first failure of the disk after a success.
   */
  constructor(folder: string, maxBytes: number, onFailure: (error: unknown) => void = () => undefined) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#onFailure = onFailure
  }

  /** Finds what an earlier program left, in the order of use, and removes what it left half done. Never rejects. */
  async load(): Promise<void> {
    await this.#unlessDiskFails(async () => {
      await mkdir(this.#folder, { recursive: true })
      const found: { digest: Digest; size: number; usedAt: number }[] = []
      for (const name of await readdir(this.#folder)) {
        const file = path.join(this.#folder, name)
        if (name.startsWith(FILLING)) await this.#removeFile(file)
        if (!/^[0-9a-f]{64}$/.test(name)) continue
        const facts = await lstat(file)
        if (facts.isFile()) found.push({ digest: name, size: facts.size, usedAt: facts.atimeMs })
        else await this.#removeFile(file)
      }
      for (const { digest, size } of found.toSorted((a, b) => a.usedAt - b.usedAt)) {
        this.#keep(digest, { size, version: undefined })
      }
      await this.#evict(this.#maxBytes)
    })
  }

  /** Whether there is room for a blob of that size among the copies that are being made. */
  takes(size: number): boolean {
    return size + this.#fillingBytes <= this.#maxBytes
  }

  /** Opens a copy, also one that is still being made; undefined where there is none that can be used. Never rejects. */
  async open(digest: Digest, range?: ByteRange): Promise<OpenBlob | undefined> {
    const copy = this.#copies.get(digest)
    if (copy === undefined) {
      const filling = this.#fills.get(digest)
      if (filling === undefined) return undefined
      const entry = await filling.catch(() => undefined)
      return entry && (joinReaders(entry, range) ?? this.open(digest, range))
    }
    const file = await this.#openSound(digest, copy)
    if (file === undefined) {
      await this.remove(digest)
      return undefined
    }
    this.#keep(digest, copy)
    const { size, version } = copy
    // What was sent before its last bytes may be wrong already: the store cannot go on with it.
    const requireSame = (): Promise<void> => requireVersion(file, version, digest)
    return readLocalFile(file, size, range ?? { start: 0, length: size }, () => file.close(), requireSame)
  }

  /**
   * Fetches a blob and lets it be read while it comes; however many ask, it is fetched once.
   *
   * @param source Where it is stored.
   * @returns undefined where the disk does not let a copy be made, or there is no room for it now.
   * @throws What opening the source throws.
   */
  async fill(digest: Digest, source: CacheSource, range?: ByteRange): Promise<OpenBlob | undefined> {
    // Somebody may have made it, or begun to, since the caller looked.
    const copy = await this.open(digest, range)
    if (copy !== undefined) return copy
    let filling = this.#fills.get(digest)
    if (filling === undefined) {
      filling = this.#begin(digest, source)
      this.#fills.set(digest, filling)
      filling.then(
        (entry) => {
          if (entry === undefined) this.#fills.delete(digest)
        },
        () => this.#fills.delete(digest),
      )
    }
    const entry = await filling
    return entry && (joinReaders(entry, range) ?? this.fill(digest, source, range))
  }

  /** Drops a copy; reads in flight finish. Never rejects. */
  async remove(digest: Digest): Promise<void> {
    this.#bytes -= this.#copies.get(digest)?.size ?? 0
    this.#copies.delete(digest)
    await this.#removeFile(this.#path(digest))
  }

  /** Opens the file of a copy; undefined where it is not there or not what it should be. */
  async #openSound(digest: Digest, copy: Copy): Promise<FileHandle | undefined> {
    return this.#unlessDiskFails(async () => {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
      const file = await open(this.#path(digest), flags)
      try {
        if ((await versionOf(file)) !== copy.version && !(await this.#check(digest, copy, file))) {
          this.counts.damaged += 1
          await file.close()
          return undefined
        }
        await markUsed(file)
        return file
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  /** However many wait for it, a copy is hashed once. */
  async #check(digest: Digest, copy: Copy, file: FileHandle): Promise<boolean> {
    let checking = this.#checks.get(digest)
    if (checking === undefined) {
      checking = this.#hash(digest, copy, file).finally(() => this.#checks.delete(digest))
      this.#checks.set(digest, checking)
    }
    return (await checking) && (await versionOf(file)) === copy.version
  }

  async #hash(digest: Digest, copy: Copy, file: FileHandle): Promise<boolean> {
    // First, so that this very change of its times does not count as one of its bytes.
    await markUsed(file)
    const version = await versionOf(file)
    const { size } = await file.stat()
    if (size !== copy.size) return false
    const sha256 = await hashChunks(fileChunks(file, { start: 0, length: size }, 'the local copy'))
    if (sha256 !== digest) return false
    copy.version = version
    return true
  }

  async #begin(digest: Digest, source: CacheSource): Promise<StreamingCacheEntry | undefined> {
    const blob = await source.open(digest)
    // Others may have taken the room since the caller looked; from here on nothing is waited for until it is taken.
    if (!this.takes(blob.size)) {
      await blob.close()
      return undefined
    }
    this.#fillingBytes += blob.size
    const temporary = path.join(this.#folder, `${FILLING}${digest}`)
    const file = await this.#unlessDiskFails(async () => {
      await mkdir(this.#folder, { recursive: true })
      await this.#evict(this.#maxBytes - this.#fillingBytes)
      return await open(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
    })
    if (file === undefined) {
      this.#fillingBytes -= blob.size
      await blob.close()
      return undefined
    }
    this.counts.fetched += 1
    this.counts.fetchedBytes += blob.size
    const entry = new StreamingCacheEntry(file, digest, blob.size)
    void this.#finish(digest, entry, { ...source, blob }, temporary)
    return entry
  }

  /** Never rejects: whatever happens, the readers hear how it ended. */
  async #finish(
    digest: Digest,
    entry: StreamingCacheEntry,
    { blob, onDamaged }: Omit<CacheSource, 'open'> & { blob: OpenBlob },
    temporary: string,
  ): Promise<void> {
    let outcome: 'sound' | { error: unknown } = 'sound'
    try {
      await entry.fill(blob)
      await this.#unlessDiskFails(async () => {
        await markUsed(entry.file)
        const version = await versionOf(entry.file)
        await rename(temporary, this.#path(digest))
        this.#keep(digest, { size: entry.size, version })
        this.#isFailing = false
      })
    } catch (error) {
      outcome = { error }
      if (error instanceof CacheFailed) this.#report(error.cause)
      if (error instanceof DomainError && error.code === 'blob-damaged')
        await onDamaged?.(digest).catch(() => undefined)
    }
    if (!this.#copies.has(digest)) await this.#removeFile(temporary)
    this.#fillingBytes -= entry.size
    // Readers hear of it last: whoever asks again finds the copy, or fetches anew.
    this.#fills.delete(digest)
    entry.settle(outcome)
    await Promise.allSettled([entry.release(), blob.close()])
  }

  #keep(digest: Digest, copy: Copy): void {
    this.#bytes += copy.size - (this.#copies.get(digest)?.size ?? 0)
    this.#copies.delete(digest)
    this.#copies.set(digest, copy)
  }

  async #evict(maxBytes: number): Promise<void> {
    for (const digest of this.#copies.keys()) {
      if (this.#bytes <= maxBytes) return
      await this.remove(digest)
    }
  }

  /** Undefined where the disk fails: the cache has no copy then. */
  async #unlessDiskFails<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#report(error)
      return undefined
    }
  }

  /** Also where something else than a file is there. */
  async #removeFile(file: string): Promise<void> {
    await rm(file, { force: true, recursive: true }).catch((error: unknown) => {
      this.#report(error)
    })
  }

  #report(error: unknown): void {
    if (this.#isFailing) return
    this.#isFailing = true
    this.#onFailure(error)
  }

  #path(digest: Digest): string {
    return path.join(this.#folder, digest)
  }
}

/** Reads a copy while it is made; undefined where that has just ended. */
function joinReaders(
  entry: StreamingCacheEntry,
  range: ByteRange = { start: 0, length: entry.size },
): OpenBlob | undefined {
  if (!entry.retain()) return undefined
  return readLocalFile(entry, entry.size, range, () => entry.release())
}

/** Notes the time of use as that of access; the time of change stays, but for parts of a second at the first time. */
async function markUsed(file: FileHandle): Promise<void> {
  const { mtime } = await file.stat()
  await file.utimes(new Date(), Math.floor(mtime.getTime() / 1000))
}
