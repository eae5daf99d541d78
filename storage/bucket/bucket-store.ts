import { createHash, randomUUID } from 'node:crypto'
import type { Bucket, UploadSource } from './bucket.ts'
import { NoCreateOnce } from './bucket.ts'
import { BucketReads } from './bucket-reads.ts'
import { discardBody } from './discard-body.ts'
import { isObjectKey, requireObjectKey } from '../object-key.ts'
import type {
  CommitOptions,
  ObjectStat,
  ObjectStore,
  OpenObject,
  OpenOptions,
  StagedObject,
} from '../object-store.ts'
import { requireSwapSize, StoreMisconfigured, StoreUnavailable } from '../object-store.ts'
import type { Attempt, AttemptOptions } from './with-retries.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { withRetries } from './with-retries.ts'
import type { Spool, SpooledFile } from './spool.ts'
import { StagedUpload } from './staged-upload.ts'
import { UncertainDeletions } from './uncertain-deletions.ts'
import { withOwnKey } from './with-own-key.ts'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'

/** How a {@link BucketStore} uses its bucket. */
export interface BucketStoreOptions {
  /** Prefix of all keys, without a slash at its end; '' for none. */
  folder: string
  /** Where uploads wait; a store without one only reads. */
  spool: Spool | undefined
  retryPolicy: RetryPolicy
  deletions?: UncertainDeletions
}

/** An object store in a bucket of some cloud: retries, resuming reads and create-once, the same for all of them. */
export class BucketStore implements ObjectStore {
  readonly description: string
  /**
   * Whether the server itself creates an object only where there is none; undefined until {@link probe} tried.
   * Without, two processes that create the same object at once may both win.
   */
  createsOnce: boolean | undefined
  readonly #bucket: Bucket
  readonly #prefix: string
  readonly #spool: Spool | undefined
  readonly #retryPolicy: RetryPolicy
  readonly #reads: BucketReads
  readonly #commits = new KeyedMutex()
  readonly #deletions: UncertainDeletions

  constructor(bucket: Bucket, options: BucketStoreOptions) {
    const { folder, spool, retryPolicy } = options
    this.#deletions = options.deletions ?? new UncertainDeletions()
    this.#bucket = bucket
    this.#prefix = folder === '' ? '' : `${folder}/`
    this.#reads = new BucketReads({ bucket, prefix: this.#prefix, retryPolicy })
    this.#spool = spool
    this.#retryPolicy = retryPolicy
    this.description = folder === '' ? bucket.description : `${bucket.description}, folder ${folder}`
  }

  async probe(signal?: AbortSignal): Promise<void> {
    await this.#retry((ending) => this.#bucket.list(this.#prefix, undefined, ending), { signal })
    if (!this.#spool) return
    const key = `${this.#prefix}${probeFolder}${randomUUID()}`
    const options = { sha256: createHash('sha256').update(probeBytes).digest('hex'), once: true, signal }
    try {
      await this.#bucket.put(key, probeSource, options)
      this.createsOnce = (await this.#bucket.put(key, probeSource, options)) === 'exists'
    } catch (error) {
      if (!(error instanceof NoCreateOnce)) throw error
      this.createsOnce = false
      await this.#bucket.put(key, probeSource, { ...options, once: false })
    }
    try {
      const { body } = await this.#retry((ending) => this.#bucket.get(key, {}, ending), { signal })
      discardBody(body)
    } finally {
      await this.#retry((ending) => this.#bucket.remove(key, ending), { signal })
    }
  }

  async stage(): Promise<StagedObject> {
    if (!this.#spool) {
      throw new StoreMisconfigured(
        `${this.description} was opened for reading: give it a spool folder to write`,
      )
    }
    const file = await this.#spool.create()
    return new StagedUpload(file, (key, options) => this.#commit(key, file, options))
  }

  open(key: string, options?: OpenOptions): Promise<OpenObject> {
    return this.#reads.open(key, options)
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    return this.#reads.stat(key, signal)
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectStat, void, undefined> {
    for await (const object of this.#listAll(prefix, signal)) {
      if (!object.key.startsWith(probeFolder)) yield object
    }
  }

  async swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    requireObjectKey(key)
    requireSwapSize(bytes)
    return await this.#retry((ending) => this.#bucket.swap(this.#prefix + key, bytes, expected, ending), {
      signal,
    }).catch((error: unknown) => {
      throw withOwnKey(error, key)
    })
  }

  async delete(key: string): Promise<void> {
    if (!isObjectKey(key)) return
    await this.#retry(async (ending) => {
      try {
        await this.#bucket.remove(this.#prefix + key, ending)
      } catch (error) {
        if (error instanceof StoreUnavailable || ending.aborted) this.#deletions.note(key)
        throw error
      }
    })
  }

  /** Besides the spool, which is this process's own, only what lay untouched for a day: others use the bucket too. */
  async sweep(signal?: AbortSignal): Promise<number> {
    let swept = (await this.#spool?.sweep()) ?? 0
    if (!this.#spool) return swept
    const before = Date.now() - 24 * 60 * 60 * 1000
    swept += await this.#retry(
      async (ending, progress) =>
        (await this.#bucket.sweepUploads?.(this.#prefix, before, ending, progress)) ?? 0,
      { signal },
    )
    for await (const { key, modifiedAt } of this.#listAll(probeFolder, signal)) {
      if (modifiedAt >= before) continue
      await this.delete(key)
      swept += 1
    }
    return swept
  }

  async close(): Promise<void> {
    await this.#bucket.close()
  }

  async #commit(key: string, file: SpooledFile, options: CommitOptions): Promise<'created' | 'exists'> {
    requireObjectKey(key)
    const { ifExists, sha256, signal } = options
    signal?.throwIfAborted()
    await this.#deletions.requireSettled(key, () => this.stat(key, signal))
    const put = { sha256, signal, once: ifExists === 'keep' && this.createsOnce !== false }
    try {
      if (put.once || ifExists === 'replace') return await this.#bucket.put(this.#prefix + key, file, put)
    } catch (error) {
      if (!(error instanceof NoCreateOnce)) throw error
      this.createsOnce = false
    }
    return await this.#commits.run(key, async () => {
      if (await this.stat(key, signal)) return 'exists'
      return await this.#bucket.put(this.#prefix + key, file, { ...put, once: false })
    })
  }

  async *#listAll(prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectStat, void, undefined> {
    let cursor: string | undefined
    do {
      const page = await this.#retry((ending) => this.#bucket.list(this.#prefix + prefix, cursor, ending), {
        signal,
      })
      for (const object of page.objects) {
        const key = object.key.slice(this.#prefix.length)
        if (isObjectKey(key)) yield { ...object, key }
      }
      cursor = page.next
    } while (cursor !== undefined)
  }

  #retry<T>(work: Attempt<T>, options?: AttemptOptions): Promise<T> {
    return withRetries(this.#retryPolicy, work, options)
  }
}

const probeFolder = '.slipway-probe/'
const probeBytes = Buffer.from('Slipway asks whether this store creates an object only once.\n')
const probeSource: UploadSource = {
  size: probeBytes.byteLength,
  readInto: (into, start) => {
    into.set(probeBytes.subarray(start, start + into.byteLength))
    return Promise.resolve()
  },
}
