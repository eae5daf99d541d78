import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'
import type { BlobCache, CacheSource } from './blob-cache.ts'
import { PatientBlob } from './patient-blob.ts'

export interface CachedBlobsOptions {
  /** Where copies are made from; they are hashed here, so that the store need not. The store when absent. */
  source?: CacheSource
  /** Milliseconds before each further try of a commit. */
  retryPauses?: readonly number[]
}

/**
 * Blobs of a store that is far away, read through local copies: a hundred bots that pull one release cost one read of
 * the bucket.
 */
export class CachedBlobs implements BlobStore {
  readonly #store: BlobStore
  readonly #cache: BlobCache
  readonly #source: CacheSource
  readonly #retryPauses: readonly number[]

  constructor(store: BlobStore, cache: BlobCache, { source, retryPauses }: CachedBlobsOptions = {}) {
    this.#store = store
    this.#cache = cache
    this.#source = source ?? { open: (digest) => store.open(digest) }
    this.#retryPauses = retryPauses ?? []
  }

  async stage(): Promise<StagedBlob> {
    return new PatientBlob(await this.#store.stage(), this.#retryPauses)
  }

  async open(
    digest: Digest,
    range?: { start: number; length: number },
    signal?: AbortSignal,
  ): Promise<OpenBlob> {
    const copy = await this.#cache.open(digest, range)
    if (copy !== undefined) return copy
    const stat = await this.#store.stat(digest)
    // A copy that would not fit must not keep anybody from the archive.
    if (stat === undefined || !(await this.#hasRoom(stat.size)))
      return this.#store.open(digest, range, signal)
    return this.#cache.fill(digest, this.#source, range)
  }

  async #hasRoom(size: number): Promise<boolean> {
    if (!this.#cache.takes(size)) return false
    const free = await this.#store.freeBytes()
    return free === undefined || free > size
  }

  stat(digest: Digest): Promise<BlobStat | undefined> {
    return this.#store.stat(digest)
  }

  list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    return this.#store.list(signal)
  }

  async delete(digest: Digest): Promise<void> {
    await this.#store.delete(digest)
    await this.#cache.remove(digest)
  }

  freeBytes(): Promise<number | undefined> {
    return this.#store.freeBytes()
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
