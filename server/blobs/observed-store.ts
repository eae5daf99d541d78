import type {
  ObjectStat,
  ObjectStore,
  OpenObject,
  OpenOptions,
  StagedObject,
} from '../../storage/object-store.ts'
import { isTimeout, storeFailureOf, type StoreCall, type StoreObserver } from './store-observer.ts'
import { withCommit } from './with-commit.ts'

/**
 * A store whose calls somebody else hears of: how long each took, and how it failed. What a caller broke off by its
 * signal, or by closing what it read, is no failure, unless the signal is that of a time-out. Probes are not told: who probes knows how that ended.
 */
export class ObservedStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #observer: StoreObserver
  readonly #onClose: () => void

  /** @param onClose called before the store is closed */
  constructor(store: ObjectStore, observer: StoreObserver, onClose: () => void = () => undefined) {
    this.#store = store
    this.#observer = observer
    this.#onClose = onClose
  }

  get description(): string {
    return this.#store.description
  }

  probe(signal?: AbortSignal): Promise<void> {
    return this.#store.probe(signal)
  }

  async stage(): Promise<StagedObject> {
    const staged = await this.#store.stage()
    return withCommit(staged, (key, options) =>
      this.#timed('commit', options.signal, () => staged.commit(key, options)),
    )
  }

  async open(key: string, options: OpenOptions = {}): Promise<OpenObject> {
    const { signal } = options
    const opened = await this.#timed('open', signal, () => this.#store.open(key, options))
    let isClosed = false
    const note = (error: unknown): void => {
      if (!isClosed) this.#noteFailure('read', signal, error)
    }
    return {
      ...opened,
      chunks: observedChunks(opened.chunks, note),
      close: () => {
        isClosed = true
        return opened.close()
      },
    }
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    return this.#timed('stat', signal, () => this.#store.stat(key, signal))
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectStat> {
    return observedChunks(this.#store.list(prefix, signal), (error) => {
      this.#noteFailure('list', signal, error)
    })
  }

  swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    return this.#timed('swap', signal, () => this.#store.swap(key, bytes, expected, signal))
  }

  delete(key: string): Promise<void> {
    return this.#timed('delete', undefined, () => this.#store.delete(key))
  }

  async sweep(signal?: AbortSignal): Promise<number> {
    try {
      return await this.#store.sweep(signal)
    } catch (error) {
      this.#noteFailure('sweep', signal, error)
      throw error
    }
  }

  close(): Promise<void> {
    this.#onClose()
    return this.#store.close()
  }

  async #timed<Result>(
    call: StoreCall,
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const startedAt = performance.now()
    const seconds = (): number => (performance.now() - startedAt) / 1000
    try {
      const result = await work()
      this.#observer.callEnded(call, seconds(), undefined)
      return result
    } catch (error) {
      if (!hasLeft(signal)) this.#observer.callEnded(call, seconds(), storeFailureOf(error))
      throw error
    }
  }

  #noteFailure(call: StoreCall, signal: AbortSignal | undefined, error: unknown): void {
    const failure = hasLeft(signal) ? undefined : storeFailureOf(error)
    if (failure !== undefined) this.#observer.callEnded(call, undefined, failure)
  }
}

/** Whether the caller broke off because of something else than the store. */
function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && !isTimeout(signal.reason)
}

function observedChunks<Item>(
  items: AsyncIterable<Item>,
  onFailure: (error: unknown) => void,
): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.asyncIterator]()
      return {
        next: () =>
          iterator.next().catch((error: unknown) => {
            onFailure(error)
            throw error
          }),
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      }
    },
  }
}
