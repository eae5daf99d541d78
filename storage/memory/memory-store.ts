import { createHash } from 'node:crypto'
import { isObjectKey, requireObjectKey } from '../object-key.ts'
import type {
  ByteRange,
  CommitOptions,
  ObjectStat,
  ObjectStore,
  OpenObject,
  OpenOptions,
  StagedObject,
} from '../object-store.ts'
import { ObjectChanged, ObjectNotFound, requireSwapSize, StoreFailed } from '../object-store.ts'

/** Objects that live as long as the process, for tests. */
export class MemoryStore implements ObjectStore {
  readonly description = 'memory'
  readonly #objects = new Map<string, { stat: ObjectStat; bytes: Uint8Array }>()
  readonly #now: () => number
  #versions = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  probe(signal?: AbortSignal): Promise<void> {
    return Promise.resolve(signal?.throwIfAborted())
  }

  stage(): Promise<StagedObject> {
    return Promise.resolve(new StagedBytes((key, bytes, options) => this.#commit(key, bytes, options)))
  }

  async open(key: string, options: OpenOptions = {}): Promise<OpenObject> {
    options.signal?.throwIfAborted()
    const object = this.#objects.get(key)
    if (!object) throw new ObjectNotFound(key)
    const { stat, bytes } = object
    if (options.ifVersion !== undefined && options.ifVersion !== stat.version) throw new ObjectChanged(key)
    const chunks = byteChunks(bytes, options.range ?? { start: 0, length: stat.size }, options.signal)
    return {
      ...stat,
      chunks,
      close: async () => {
        await chunks.return()
      },
    }
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    signal?.throwIfAborted()
    const object = this.#objects.get(key)
    if (!object || !isObjectKey(key)) return Promise.resolve(undefined)
    return Promise.resolve(object.stat)
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectStat, void, undefined> {
    for (const { stat } of [...this.#objects.values()]) {
      signal?.throwIfAborted()
      if (stat.key.startsWith(prefix)) yield stat
    }
  }

  async swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    requireObjectKey(key)
    requireSwapSize(bytes)
    signal?.throwIfAborted()
    if ((this.#objects.get(key)?.stat.version ?? null) !== expected) throw new ObjectChanged(key)
    return this.#put(key, Uint8Array.from(bytes))
  }

  delete(key: string): Promise<void> {
    this.#objects.delete(key)
    return Promise.resolve()
  }

  sweep(): Promise<number> {
    return Promise.resolve(0)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #commit(key: string, bytes: Uint8Array, { sha256, ifExists, signal }: CommitOptions): 'created' | 'exists' {
    requireObjectKey(key)
    signal?.throwIfAborted()
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new StoreFailed(`the bytes for "${key}" do not have the SHA-256 that was given with them`)
    }
    if (ifExists === 'keep' && this.#objects.has(key)) return 'exists'
    this.#put(key, bytes)
    return 'created'
  }

  #put(key: string, bytes: Uint8Array): string {
    this.#versions += 1
    const version = String(this.#versions)
    const stat = { key, size: bytes.byteLength, version, modifiedAt: this.#now() }
    this.#objects.set(key, { stat, bytes })
    return version
  }
}

class StagedBytes implements StagedObject {
  size = 0
  readonly #chunks: Uint8Array[] = []
  readonly #commit: (key: string, bytes: Uint8Array, options: CommitOptions) => 'created' | 'exists'

  constructor(commit: (key: string, bytes: Uint8Array, options: CommitOptions) => 'created' | 'exists') {
    this.#commit = commit
  }

  write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(Uint8Array.from(chunk))
    this.size += chunk.byteLength
    return Promise.resolve()
  }

  read(): AsyncIterable<Uint8Array> {
    return byteChunks(Buffer.concat(this.#chunks), { start: 0, length: this.size })
  }

  async commit(key: string, options: CommitOptions): Promise<'created' | 'exists'> {
    return this.#commit(key, Buffer.concat(this.#chunks), options)
  }

  discard(): Promise<void> {
    this.#chunks.length = 0
    return Promise.resolve()
  }
}

/** Reuses one buffer, as the port allows: whoever keeps a chunk too long sees it at once. */
async function* byteChunks(
  bytes: Uint8Array,
  { start, length }: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(Math.min(length, 64 * 1024))
  for (let position = start; position < start + length; position += buffer.byteLength) {
    signal?.throwIfAborted()
    const part = bytes.subarray(position, Math.min(position + buffer.byteLength, start + length))
    buffer.set(part)
    yield buffer.subarray(0, part.byteLength)
  }
}
