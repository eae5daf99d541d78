import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'
import { OpenReads } from './open-reads.ts'
import { readWhole } from './read-whole.ts'
import { SharedLooks } from './shared-looks.ts'
import type { VersionedBlob, VersionedBlobs } from './verified-blobs.ts'

const MiB = 1024 * 1024

/** Up to here a blob stays in memory after it was sent: opening and closing a file is what small ones cost. */
const LARGEST_KEPT_BYTES = 2 * MiB
const MOST_KEPT_BYTES = 16 * MiB

/** Up to here a blob is in memory while several read it. */
const LARGEST_SHARED_BYTES = 32 * MiB
/** For all of it: what is kept, what is read, and what was forgotten while somebody still reads it. */
const MOST_BYTES = 64 * MiB

type Range = { start: number; length: number } | undefined

/** A blob whose readers share its bytes. */
interface SharedBlob {
  readonly digest: Digest
  readonly size: number
  readonly version: string
  /** Those who opened it and have not closed it; loading it counts as one. */
  readers: number
  /** Where its bytes come from. */
  readonly source: OpenBlob | undefined
  /** Begun when the first reader asks for bytes: HEAD asks for none. */
  bytes: Promise<Uint8Array> | undefined
}

/**
 * Blobs of a local store in memory: small ones after they were first sent whole (archives of a megabyte went out twice
 * as fast so, `scripts/benchmark downloads`), larger ones while several read them (a thousand bots that fetch a new
 * release at once read the disk once, and need no buffers of their own). The stored bytes are still looked at each
 * time, so that a blob which is damaged or missing is noticed as ever; where there is no room, the store is read.
 */
export class InMemoryBlobCache implements BlobStore {
  readonly #store: VersionedBlobs
  readonly #looks: SharedLooks
  /** What may be joined. */
  readonly #shared = new Map<Digest, SharedBlob>()
  /** What of it nobody reads, the one read longest ago first. */
  readonly #idle = new Set<SharedBlob>()
  #idleBytes = 0
  #bytes = 0
  /** Who reads the store. */
  readonly #reads = new OpenReads()
  /** Whose bytes a reader is gathering: those beside it do not, or a crowd would hold a copy each. */
  readonly #gathering = new Set<Digest>()

  /** @param store Gives out nothing that does not hash to its digest. */
  constructor(store: VersionedBlobs) {
    this.#store = store
    this.#looks = new SharedLooks(store)
  }

  stage(): Promise<StagedBlob> {
    return this.#store.stage()
  }

  async open(digest: Digest, range?: Range, signal?: AbortSignal): Promise<OpenBlob> {
    // A load that others wait for too cannot be aborted by one of them.
    if (signal !== undefined) return this.#store.open(digest, range, signal)
    const known = this.#shared.get(digest)
    if (known !== undefined) {
      const stat = await this.#looks.look(digest)
      if (stat?.version !== known.version) this.#forget(known)
      else if (this.#shared.get(digest) === known) return this.#join(known, range)
    }
    const blob = await this.#store.open(digest, range)
    if (range !== undefined || blob.size > LARGEST_SHARED_BYTES) return blob
    return (await this.#shareWhole(digest, blob)) ?? this.#stream(digest, blob)
  }

  stat(digest: Digest): Promise<BlobStat | undefined> {
    return this.#store.stat(digest)
  }

  list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    return this.#store.list(signal)
  }

  async delete(digest: Digest, generation?: number): Promise<void> {
    const known = this.#shared.get(digest)
    if (known !== undefined) this.#forget(known)
    await this.#store.delete(digest, generation)
  }

  freeBytes(): Promise<number | undefined> {
    return this.#store.freeBytes()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** Undefined where the blob is to be read from the store: by its first reader, or because there is no room. */
  async #shareWhole(digest: Digest, blob: VersionedBlob): Promise<OpenBlob | undefined> {
    const known = this.#shared.get(digest)
    if (known?.version === blob.version) {
      const joined = this.#join(known, undefined)
      await blob.close()
      return joined
    }
    if (known !== undefined) this.#forget(known)
    if (!this.#reads.has(digest) || !this.#reserve(blob.size)) return undefined
    const { size, version } = blob
    const shared: SharedBlob = { digest, size, version, readers: 0, source: blob, bytes: undefined }
    this.#shared.set(digest, shared)
    return this.#join(shared, undefined)
  }

  #join(shared: SharedBlob, range: Range): OpenBlob {
    shared.readers++
    if (this.#idle.delete(shared)) this.#idleBytes -= shared.size
    let isOpen = true
    const close = async (): Promise<void> => {
      if (!isOpen) return
      isOpen = false
      await this.#leave(shared)
    }
    return { size: shared.size, chunks: this.#chunks(shared, range), close }
  }

  async *#chunks(shared: SharedBlob, range: Range): AsyncGenerator<Uint8Array> {
    const bytes = await this.#load(shared)
    yield range === undefined ? bytes : bytes.subarray(range.start, range.start + range.length)
  }

  #load(shared: SharedBlob): Promise<Uint8Array> {
    const { source } = shared
    if (shared.bytes !== undefined || source === undefined)
      return shared.bytes ?? Promise.resolve(new Uint8Array())
    shared.readers++
    const load = async (): Promise<Uint8Array> => {
      try {
        return await readWhole(source)
      } catch (error) {
        // Whoever comes next tries anew.
        this.#forget(shared)
        throw error
      } finally {
        await this.#leave(shared)
      }
    }
    shared.bytes = load()
    return shared.bytes
  }

  async #leave(shared: SharedBlob): Promise<void> {
    shared.readers--
    if (shared.readers > 0) return
    const isKept = shared.bytes !== undefined && shared.size <= LARGEST_KEPT_BYTES
    if (isKept && this.#shared.get(shared.digest) === shared) {
      this.#keep(shared)
      return
    }
    this.#forget(shared)
    this.#bytes -= shared.size
    await shared.source?.close()
  }

  #keep(shared: SharedBlob): void {
    this.#idle.add(shared)
    this.#idleBytes += shared.size
    this.#evict(() => this.#idleBytes <= MOST_KEPT_BYTES)
  }

  /** Takes room for a blob; false where there is none. */
  #reserve(size: number): boolean {
    this.#evict(() => this.#bytes + size <= MOST_BYTES)
    if (this.#bytes + size > MOST_BYTES) return false
    this.#bytes += size
    return true
  }

  #evict(isEnough: () => boolean): void {
    for (const oldest of this.#idle) {
      if (isEnough()) return
      this.#forget(oldest)
    }
  }

  /** Lets nobody join it any more; those who read it read on. */
  #forget(shared: SharedBlob): void {
    if (this.#shared.get(shared.digest) === shared) this.#shared.delete(shared.digest)
    if (!this.#idle.delete(shared)) return
    this.#idleBytes -= shared.size
    this.#bytes -= shared.size
  }

  #stream(digest: Digest, blob: VersionedBlob): OpenBlob {
    const counted = this.#reads.count(digest, blob)
    if (blob.size > LARGEST_KEPT_BYTES) return counted
    const chunks = this.#gather(digest, blob)
    const close = async (): Promise<void> => {
      // Gives the room back where it was not read to its end.
      await chunks.return()
      await counted.close()
    }
    return { size: blob.size, chunks, close }
  }

  async *#gather(digest: Digest, { size, version, chunks }: VersionedBlob): AsyncGenerator<Uint8Array, void> {
    if (this.#gathering.has(digest) || !this.#reserve(size)) {
      yield* chunks
      return
    }
    this.#gathering.add(digest)
    let isWhole = false
    const bytes = Buffer.allocUnsafeSlow(size)
    try {
      let position = 0
      for await (const chunk of chunks) {
        bytes.set(chunk, position)
        position += chunk.byteLength
        yield chunk
      }
      isWhole = position === size
    } finally {
      this.#gathering.delete(digest)
      if (!isWhole || this.#shared.has(digest)) this.#bytes -= size
      else {
        const shared = { digest, size, version, readers: 0, source: undefined, bytes: Promise.resolve(bytes) }
        this.#shared.set(digest, shared)
        this.#keep(shared)
      }
    }
  }
}
