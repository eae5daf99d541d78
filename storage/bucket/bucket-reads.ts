import { isObjectKey } from '../object-key.ts'
import type { ByteRange, ObjectStat, OpenObject, OpenOptions } from '../object-store.ts'
import { ObjectChanged, ObjectNotFound } from '../object-store.ts'
import type { Bucket, Download, GetOptions } from './bucket.ts'
import { discardBody } from './discard-body.ts'
import { ParallelRead } from './parallel-read.ts'
import { partSize } from './part-buffers.ts'
import { ResumingRead } from './resuming-read.ts'
import type { RetryPolicy } from './retry-policy.ts'
import { withOwnKey } from './with-own-key.ts'
import { withRetries } from './with-retries.ts'

/** What {@link BucketReads} reads from. */
export interface BucketReadsOptions {
  bucket: Bucket
  /** Of all keys in the bucket: empty, or ending in a slash. */
  prefix: string
  retryPolicy: RetryPolicy
}

/** Reads objects of a bucket: a large one in several parts side by side, each going on from where it breaks off. */
export class BucketReads {
  readonly #bucket: Bucket
  readonly #prefix: string
  readonly #retryPolicy: RetryPolicy

  constructor({ bucket, prefix, retryPolicy }: BucketReadsOptions) {
    this.#bucket = bucket
    this.#prefix = prefix
    this.#retryPolicy = retryPolicy
  }

  /** @see ObjectStore.stat */
  async stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    signal?.throwIfAborted()
    if (!isObjectKey(key)) return undefined
    const ask = (ending: AbortSignal) => this.#bucket.head(this.#prefix + key, ending)
    const found = await withRetries(this.#retryPolicy, ask, { signal })
    return found && { ...found, key }
  }

  /** @see ObjectStore.open */
  async open(key: string, options: OpenOptions = {}): Promise<OpenObject> {
    const { range, ifVersion, expectedSize, signal } = options
    signal?.throwIfAborted()
    if (!isObjectKey(key)) throw new ObjectNotFound(key)
    // No range header asks for no bytes.
    if (range?.length === 0) return await this.#openNothing(key, ifVersion, signal)
    const wanted = range ?? { start: 0, length: expectedSize ?? 0 }
    if (expectedSize !== undefined && wanted.length > partSize) {
      const opened = await this.#openInParts(key, wanted, { expectedSize, ifVersion, signal })
      if (opened !== undefined) return opened
    }
    const first = await this.#get(key, { range, ifVersion }, signal)
    const read = this.#resuming(key, first, range ?? { start: 0, length: first.stat.size }, signal)
    return { ...first.stat, key, chunks: read.chunks, close: closing(read) }
  }

  /** Opens the first part, and the others as it is read; undefined where the object has another size. */
  async #openInParts(
    key: string,
    wanted: ByteRange,
    {
      expectedSize,
      ifVersion,
      signal,
    }: { expectedSize: number; ifVersion: string | undefined; signal: AbortSignal | undefined },
  ): Promise<OpenObject | undefined> {
    const range = { start: wanted.start, length: partSize }
    const first = await this.#get(key, { range, ifVersion }, signal)
    const { stat } = first
    if (stat.size !== expectedSize) {
      discardBody(first.body)
      return undefined
    }
    const read = new ParallelRead({
      first: this.#resuming(key, first, range, signal),
      rest: { start: range.start + partSize, length: wanted.length - partSize },
      open: async (part) => {
        const options = { range: part, ifVersion: stat.version, known: stat }
        return this.#resuming(key, await this.#get(key, options, signal), part, signal)
      },
    })
    return { ...stat, key, chunks: read.chunks, close: closing(read) }
  }

  #get(key: string, options: GetOptions, signal: AbortSignal | undefined): Promise<Download> {
    const ask = (ending: AbortSignal) => this.#bucket.get(this.#prefix + key, options, ending)
    return withRetries(this.#retryPolicy, ask, { signal }).catch((error: unknown) => {
      throw withOwnKey(error, key)
    })
  }

  /** The bytes of a download, which goes on from where it breaks off. */
  #resuming(
    key: string,
    download: Download,
    range: ByteRange,
    signal: AbortSignal | undefined,
  ): ResumingRead {
    const { stat } = download
    return new ResumingRead(download, {
      range,
      reopen: (rest) => this.#get(key, { range: rest, ifVersion: stat.version, known: stat }, signal),
      retryPolicy: this.#retryPolicy,
      signal,
    })
  }

  async #openNothing(key: string, ifVersion?: string, signal?: AbortSignal): Promise<OpenObject> {
    const stat = await this.stat(key, signal)
    if (!stat) throw new ObjectNotFound(key)
    if (ifVersion !== undefined && stat.version !== ifVersion) throw new ObjectChanged(key)
    return { ...stat, chunks: noChunks(), close: () => Promise.resolve() }
  }
}

function closing(read: { close(): void }): () => Promise<void> {
  return async () => {
    read.close()
  }
}

async function* noChunks(): AsyncGenerator<Uint8Array, void, undefined> {
  yield* []
}
