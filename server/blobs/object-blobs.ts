import { createHash } from 'node:crypto'
import type { BlobStat, CommitOptions, StagedBlob } from './blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import { ObjectNotFound } from '../../storage/object-store.ts'
import type {
  ByteRange,
  ObjectStat,
  ObjectStore,
  OpenObject,
  OpenOptions,
  StagedObject,
} from '../../storage/object-store.ts'
import { translateStoreErrors } from './translate-store-errors.ts'
import type { VersionedBlob, VersionedBlobs } from './verified-blobs.ts'

/** Where blobs lie in a store. */
export const BLOBS_PREFIX = 'sha256/'

/**
 * Where a blob lies: two levels of folders, so that none grows past some thousands of entries. Several servers that share a bucket
 * never use a key again that one of them was to delete: the next generation of the blob lies beside it.
 */
function keyOf(digest: Digest, generation: number): string {
  return `${BLOBS_PREFIX}${digest.slice(0, 2)}/${digest}${generation === 0 ? '' : `.${generation}`}`
}

function readKey(key: string): { digest: Digest; generation: number } {
  const [digest = '', generation = '0'] = key.slice(key.lastIndexOf('/') + 1).split('.')
  return { digest, generation: Number(generation) }
}

/** Blobs as objects, keyed by their digest. */
export class ObjectBlobs implements VersionedBlobs {
  readonly #store: ObjectStore
  readonly #freeBytes: () => Promise<number | undefined>
  /** Of those few blobs that lie under another key than their first. */
  readonly #generations = new Map<Digest, number>()

  /** @param freeBytes Bytes free where uploads are staged. */
  constructor(store: ObjectStore, freeBytes: () => Promise<number | undefined>) {
    this.#store = store
    this.#freeBytes = freeBytes
  }

  async stage(): Promise<StagedBlob> {
    return new HashedObject(await translateStoreErrors(this.#store.stage()), (digest, generation) => {
      if (generation !== undefined) this.#remember(digest, generation)
      return this.#keyOf(digest)
    })
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
    const opened = await translateStoreErrors(this.#openObject(digest, options), digest)
    const { size, version } = opened
    return { size, version, chunks: translated(opened.chunks, digest), close: () => opened.close() }
  }

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const found = await translateStoreErrors(this.#statObject(digest), digest)
    return found === undefined ? undefined : blobStat(found, digest)
  }

  async *list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    for await (const found of this.#store.list(BLOBS_PREFIX, signal)) {
      const { digest, generation } = readKey(found.key)
      if (generation > (this.#generations.get(digest) ?? 0)) this.#remember(digest, generation)
      yield blobStat(found, digest)
    }
  }

  async delete(digest: Digest, generation?: number): Promise<void> {
    const newest = this.#generations.get(digest) ?? 0
    const all =
      generation === undefined ? Array.from({ length: newest + 1 }, (_, each) => each) : [generation]
    for (const each of all) await translateStoreErrors(this.#store.delete(keyOf(digest, each)), digest)
  }

  async #openObject(digest: Digest, options: OpenOptions): Promise<OpenObject> {
    try {
      return await this.#store.open(this.#keyOf(digest), options)
    } catch (error) {
      if (!(error instanceof ObjectNotFound) || (await this.#findElsewhere(digest)) === undefined) throw error
      return await this.#store.open(this.#keyOf(digest), options)
    }
  }

  async #statObject(digest: Digest): Promise<ObjectStat | undefined> {
    return (await this.#store.stat(this.#keyOf(digest))) ?? (await this.#findElsewhere(digest))
  }

  /** Looks where a blob lies that is not where it was. */
  async #findElsewhere(digest: Digest): Promise<ObjectStat | undefined> {
    let newest: ObjectStat | undefined
    for await (const found of this.#store.list(keyOf(digest, 0))) {
      const { generation } = readKey(found.key)
      if (newest !== undefined && readKey(newest.key).generation > generation) continue
      newest = found
      this.#remember(digest, generation)
    }
    return newest
  }

  #keyOf(digest: Digest): string {
    return keyOf(digest, this.#generations.get(digest) ?? 0)
  }

  #remember(digest: Digest, generation: number): void {
    if (generation === 0) this.#generations.delete(digest)
    else this.#generations.set(digest, generation)
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
  readonly #keyOf: (digest: Digest, generation: number | undefined) => string
  readonly #hash = createHash('sha256')
  #digest: Digest | undefined

  constructor(object: StagedObject, keyOf: (digest: Digest, generation: number | undefined) => string) {
    this.#object = object
    this.#keyOf = keyOf
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

  async commit({ replace = false, generation }: CommitOptions = {}): Promise<'created' | 'exists'> {
    const sha256 = this.digest()
    const ifExists = replace ? 'replace' : 'keep'
    return await translateStoreErrors(
      this.#object.commit(this.#keyOf(sha256, generation), { sha256, ifExists }),
      sha256,
    )
  }

  discard(): Promise<void> {
    return this.#object.discard()
  }
}
