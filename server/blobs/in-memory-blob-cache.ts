import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'

/** Larger ones are read at the speed of the disk's cache anyway: opening and closing a file is what small ones cost. */
const LARGEST_BYTES = 2 * 1024 * 1024
const MOST_BYTES = 16 * 1024 * 1024

interface CachedBlob {
  bytes: Uint8Array
  version: string
}

/**
 * Small blobs of a local store, kept in memory after they were first sent whole: archives of a megabyte went out twice
 * as fast so (`scripts/benchmark downloads`). The stored bytes are still looked at each time, so that a blob which
 * is damaged or missing is noticed as ever.
 */
export class InMemoryBlobCache implements BlobStore {
  readonly #store: BlobStore
  /** The one sent longest ago first. */
  readonly #cached = new Map<Digest, CachedBlob>()
  #bytes = 0
  /** Whose bytes a reader is gathering: those beside it read the store, or a crowd would hold a copy each. */
  readonly #gathering = new Set<Digest>()

  /** @param store Gives out nothing that does not hash to its digest. */
  constructor(store: BlobStore) {
    this.#store = store
  }

  stage(): Promise<StagedBlob> {
    return this.#store.stage()
  }

  async open(
    digest: Digest,
    range?: { start: number; length: number },
    signal?: AbortSignal,
  ): Promise<OpenBlob> {
    const known = this.#cached.get(digest)
    if (known !== undefined) {
      const { bytes, version } = known
      if ((await this.#store.stat(digest))?.version === version) {
        this.#keep(digest, known)
        return inMemory(bytes, range ?? { start: 0, length: bytes.byteLength })
      }
      this.#forget(digest)
    }
    const blob = await this.#store.open(digest, range, signal)
    if (range !== undefined || blob.size > LARGEST_BYTES) return blob
    return { size: blob.size, chunks: this.#caching(digest, blob), close: () => blob.close() }
  }

  stat(digest: Digest): Promise<BlobStat | undefined> {
    return this.#store.stat(digest)
  }

  list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    return this.#store.list(signal)
  }

  async delete(digest: Digest): Promise<void> {
    this.#forget(digest)
    await this.#store.delete(digest)
  }

  freeBytes(): Promise<number | undefined> {
    return this.#store.freeBytes()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async *#caching(digest: Digest, blob: OpenBlob): AsyncGenerator<Uint8Array> {
    if (this.#gathering.has(digest)) {
      yield* blob.chunks
      return
    }
    const bytes = new Uint8Array(blob.size)
    this.#gathering.add(digest)
    try {
      let position = 0
      for await (const chunk of blob.chunks) {
        bytes.set(chunk, position)
        position += chunk.byteLength
        yield chunk
      }
    } finally {
      this.#gathering.delete(digest)
    }
    // All of it was sent: that it cannot be kept is no reason to break the connection.
    const stat = await this.#store.stat(digest).catch(() => undefined)
    if (stat !== undefined) this.#keep(digest, { bytes, version: stat.version })
  }

  #keep(digest: Digest, blob: CachedBlob): void {
    this.#forget(digest)
    this.#cached.set(digest, blob)
    this.#bytes += blob.bytes.byteLength
    for (const oldest of this.#cached.keys()) {
      if (this.#bytes <= MOST_BYTES) return
      this.#forget(oldest)
    }
  }

  #forget(digest: Digest): void {
    this.#bytes -= this.#cached.get(digest)?.bytes.byteLength ?? 0
    this.#cached.delete(digest)
  }
}

function inMemory(bytes: Uint8Array, { start, length }: { start: number; length: number }): OpenBlob {
  return {
    size: bytes.byteLength,
    chunks: once(bytes.subarray(start, start + length)),
    close: () => Promise.resolve(),
  }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk
}
