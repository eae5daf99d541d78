import type {
  ObjectStat,
  ObjectStore,
  OpenObject,
  OpenOptions,
  StagedObject,
} from '../../storage/object-store.ts'
import type { BucketLease } from './bucket-lease.ts'
import { withCommit } from './with-commit.ts'

/**
 * A bucket that this process changes only while its lease says that it may; reading is always allowed.
 *
 * Each call is written out, as in `ObservedStore`, also where it is only passed on: whoever adds one to the port has to say here whether it needs
 * the lease.
 */
export class LeasedStore implements ObjectStore {
  readonly #store: ObjectStore
  readonly #lease: BucketLease

  constructor(store: ObjectStore, lease: BucketLease) {
    this.#store = store
    this.#lease = lease
  }

  get description(): string {
    return this.#store.description
  }

  probe(signal?: AbortSignal): Promise<void> {
    return this.#store.probe(signal)
  }

  /**
   * Its commit throws StorageOwnedElsewhere also where another took the lease meanwhile: it may delete what it does not know.
   * A lease that was only not renewed in time, as beside large uploads to a bucket that has much to do, is renewed.
   */
  async stage(): Promise<StagedObject> {
    const staged = await this.#store.stage()
    return withCommit(staged, async (key, options) => {
      await this.#lease.ensureHeld()
      const outcome = await staged.commit(key, options)
      await this.#lease.ensureHeld()
      return outcome
    })
  }

  open(key: string, options?: OpenOptions): Promise<OpenObject> {
    return this.#store.open(key, options)
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined> {
    return this.#store.stat(key, signal)
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectStat> {
    return this.#store.list(prefix, signal)
  }

  async swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    await this.#lease.ensureHeld()
    return await this.#store.swap(key, bytes, expected, signal)
  }

  /** @throws StorageOwnedElsewhere */
  async delete(key: string): Promise<void> {
    await this.#lease.confirm()
    await this.#store.delete(key)
  }

  /** @throws StorageOwnedElsewhere */
  async sweep(signal?: AbortSignal): Promise<number> {
    await this.#lease.confirm()
    return await this.#store.sweep(signal)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
