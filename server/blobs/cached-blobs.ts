import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from '../domain/blob-store.ts'
import type { Digest } from '../domain/release.ts'
import type { BlobCache } from './blob-cache.ts'
import { PatientBlob } from './patient-blob.ts'

/**
 * Blobs of a store that is far away, read through local copies: a hundred bots that pull one release cost one read of
 * the bucket.
 */
export class CachedBlobs implements BlobStore {
  readonly #store: BlobStore
  readonly #cache: BlobCache
  readonly #retryPauses: readonly number[]

  /** @param retryPauses Milliseconds before each further try of a commit. */
  constructor(store: BlobStore, cache: BlobCache, retryPauses: readonly number[] = []) {
    this.#store = store
    this.#cache = cache
    this.#retryPauses = retryPauses
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
    return this.#cache.fill(digest, () => this.#store.open(digest), range)
  }

  async #hasRoom(size: number): Promise<boolean> {
    if (!this.#cache.takes(size)) return false
    const free = await this.#store.freeBytes()
    return free === undefined || free > size
  }

  stat(digest: Digest): Promise<BlobStat | undefined> {
    return this.#store.stat(digest)
  }

  list(): AsyncIterable<BlobStat> {
    return this.#store.list()
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
