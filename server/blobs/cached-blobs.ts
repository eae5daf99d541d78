import { setTimeout as delay } from 'node:timers/promises'
import { DomainError } from '../errors/errors.ts'
import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'
import type { BlobCache, CacheSource } from './blob-cache.ts'
import { CopyRead } from './copy-read.ts'
import type { ByteRange } from '../../storage/object-store.ts'

export interface CachedBlobsOptions {
  /** Where copies are made from; they are hashed here, so that the store need not. The store when absent. */
  source?: CacheSource
  /** Milliseconds after which a store that has not said whether a blob is there counts as unavailable; 5,000 by default. */
  answerTimeout?: number
}

/**
 * Blobs of a store that is far away, read through local copies: a hundred bots that pull one release cost one read of
 * the bucket.
 */
export class CachedBlobs implements BlobStore {
  readonly #store: BlobStore
  readonly #cache: BlobCache
  readonly #source: CacheSource
  readonly #answerTimeout: number
  /**
   * For whoever counts: reads of a copy, reads where there was none yet, those of them that no copy could be made for,
   * and their bytes.
   */
  readonly counts = { hits: 0, misses: 0, readThrough: 0, readThroughBytes: 0 }

  constructor(
    store: BlobStore,
    cache: BlobCache,
    { source, answerTimeout = 5_000 }: CachedBlobsOptions = {},
  ) {
    this.#store = store
    this.#answerTimeout = answerTimeout
    this.#cache = cache
    this.#source = source ?? { open: (digest) => store.open(digest) }
  }

  stage(): Promise<StagedBlob> {
    return this.#store.stage()
  }

  async open(digest: Digest, range?: ByteRange, signal?: AbortSignal): Promise<OpenBlob> {
    const found = await this.#cache.open(digest, range)
    this.counts[found === undefined ? 'misses' : 'hits'] += 1
    const copy = found ?? (await this.#fill(digest, range))
    if (copy === undefined) {
      const blob = await this.#store.open(digest, range, signal)
      this.counts.readThrough += 1
      this.counts.readThroughBytes += range?.length ?? blob.size
      return blob
    }
    const whole = range ?? { start: 0, length: copy.size }
    return new CopyRead(copy, whole, (rest) => this.#store.open(digest, rest, signal))
  }

  /** Makes a copy and opens it; undefined where the blob is to be read from the store. */
  async #fill(digest: Digest, range?: ByteRange): Promise<OpenBlob | undefined> {
    const stat = await this.#store.stat(digest)
    // A copy that would not fit must not keep anybody from the archive.
    if (stat === undefined || !(await this.#hasRoom(stat.size))) return undefined
    const source = { ...this.#source, open: (one: Digest) => this.#source.open(one, stat.size) }
    return this.#cache.fill(digest, source, range)
  }

  async #hasRoom(size: number): Promise<boolean> {
    if (!this.#cache.takes(size)) return false
    const free = await this.#store.freeBytes()
    return free === undefined || free > size
  }

  /** What there is a copy of is there also while the store is unavailable: it is sent, so a tag may be moved to it, and back. */
  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const stored = this.#store.stat(digest)
    const waiting = new AbortController()
    const late = delay<typeof UNAVAILABLE>(this.#answerTimeout, UNAVAILABLE, {
      signal: waiting.signal,
      ref: false,
    })
    try {
      const answer = await Promise.race([stored.catch(unavailableOrThrow), late])
      if (answer !== UNAVAILABLE) return answer
    } finally {
      waiting.abort()
    }
    return (await this.#statCopy(digest)) ?? (await stored)
  }

  async #statCopy(digest: Digest): Promise<BlobStat | undefined> {
    const copy = await this.#cache.open(digest)
    await copy?.close()
    return copy && { digest, size: copy.size, version: 'copy', modifiedAt: 0 }
  }

  list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    return this.#store.list(signal)
  }

  async delete(digest: Digest, generation?: number): Promise<void> {
    await this.#store.delete(digest, generation)
    await this.#cache.remove(digest)
  }

  freeBytes(): Promise<number | undefined> {
    return this.#store.freeBytes()
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

const UNAVAILABLE = 'unavailable'

function unavailableOrThrow(error: unknown): typeof UNAVAILABLE {
  if (error instanceof DomainError && error.code === 'storage-unavailable') return UNAVAILABLE
  throw error
}
