import { createHash } from 'node:crypto'
import type { BlobStat, CommitOptions, StagedBlob } from './blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import type {
  ByteRange,
  ObjectStat,
  ObjectStore,
  OpenOptions,
  StagedObject,
} from '../../storage/object-store.ts'
import { translateStoreErrors } from './translate-store-errors.ts'
import type { VersionedBlob, VersionedBlobs } from './verified-blobs.ts'

const PREFIX = 'sha256/'

/** Where a blob lies: two levels of folders, so that none grows past some thousands of entries. */
function keyOf(digest: Digest): string {
  return `${PREFIX}${digest.slice(0, 2)}/${digest}`
}

/** Blobs as objects, keyed by their digest. */
export class ObjectBlobs implements VersionedBlobs {
  readonly #store: ObjectStore
  readonly #freeBytes: () => Promise<number | undefined>

  /** @param freeBytes Bytes free where uploads are staged. */
  constructor(store: ObjectStore, freeBytes: () => Promise<number | undefined>) {
    this.#store = store
    this.#freeBytes = freeBytes
  }

  async stage(): Promise<StagedBlob> {
    return new HashedObject(await translateStoreErrors(this.#store.stage()))
  }

  async open(digest: Digest, range?: ByteRange, signal?: AbortSignal): Promise<VersionedBlob> {
    return await this.#open(digest, {
      ...(range === undefined ? {} : { range }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  /** Opens a blob to be read as fast as it comes, by whoever makes a copy. @param size as {@link stat} said it */
  async openWhole(digest: Digest, size: number): Promise<VersionedBlob> {
    return await this.#open(digest, { expectedSize: size })
  }

  async #open(digest: Digest, options: OpenOptions): Promise<VersionedBlob> {
    const opened = await translateStoreErrors(this.#store.open(keyOf(digest), options), digest)
    const { size, version } = opened
    return { size, version, chunks: translated(opened.chunks, digest), close: () => opened.close() }
  }

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const found = await translateStoreErrors(this.#store.stat(keyOf(digest)), digest)
    return found === undefined ? undefined : blobStat(found, digest)
  }

  async *list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    for await (const found of this.#store.list(PREFIX, signal)) {
      yield blobStat(found, found.key.slice(found.key.lastIndexOf('/') + 1))
    }
  }

  async delete(digest: Digest): Promise<void> {
    await translateStoreErrors(this.#store.delete(keyOf(digest)), digest)
  }

  /** @throws DomainError `storage-unavailable` where the volume cannot be asked: its folder is gone, or not mounted. */
  async freeBytes(): Promise<number | undefined> {
    try {
      return await this.#freeBytes()
    } catch (cause) {
      throw new DomainError(
        'storage-unavailable',
        'The volume that archives are staged on cannot be asked for its room; see whether DATA_DIR is there.',
        {},
        { cause },
      )
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

function blobStat({ size, version, modifiedAt }: ObjectStat, digest: Digest): BlobStat {
  return { digest, size, version, modifiedAt }
}

async function* translated(chunks: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await translateStoreErrors(iterator.next(), digest)
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

/** A staged object that is hashed while it is written. */
class HashedObject implements StagedBlob {
  readonly #object: StagedObject
  readonly #hash = createHash('sha256')
  #digest: Digest | undefined

  constructor(object: StagedObject) {
    this.#object = object
  }

  get size(): number {
    return this.#object.size
  }

  async write(chunk: Uint8Array): Promise<void> {
    const written = this.#object.write(chunk)
    // Hashing runs here while the disk writes over there.
    this.#hash.update(chunk)
    await translateStoreErrors(written)
  }

  digest(): Digest {
    this.#digest ??= this.#hash.digest('hex')
    return this.#digest
  }

  async commit({ replace = false }: CommitOptions = {}): Promise<'created' | 'exists'> {
    const sha256 = this.digest()
    const ifExists = replace ? 'replace' : 'keep'
    return await translateStoreErrors(this.#object.commit(keyOf(sha256), { sha256, ifExists }), sha256)
  }

  discard(): Promise<void> {
    return this.#object.discard()
  }
}
