import { ObjectChanged, ObjectNotFound, type ObjectStore } from '../../storage/object-store.ts'
import { readObject } from '../../storage/read-object.ts'
import { LEASE_KEY, parseLease, type LeaseHolder, type LeaseRecord } from './lease-record.ts'

/** A lease as the bucket has it. */
export interface FoundLease {
  readonly record: LeaseRecord
  readonly version: string
}

/** What a write came to: the lease is the holder's, under this version and epoch, or it is as it was found. */
export type WrittenLease =
  { readonly version: string; readonly epoch: number } | { readonly found: LeaseRecord | undefined }

/** The object that says who owns the folder of a bucket, read and written for one holder. */
export class LeaseObject {
  readonly #store: ObjectStore
  readonly #self: LeaseHolder

  constructor(store: ObjectStore, self: LeaseHolder) {
    this.#store = store
    this.#self = self
  }

  async read(signal: AbortSignal): Promise<FoundLease | undefined> {
    try {
      const { bytes, version } = await readObject(this.#store, LEASE_KEY, signal)
      return { record: parseLease(bytes.toString()), version }
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined
      throw error
    }
  }

  /**
   * Writes the lease where it is as it was seen last. Where it changed, that may be by an attempt of this very process whose answer was
   * lost, or by another of its group.
   *
   * @param expected The version that was seen last; null: there was none.
   */
  async write(record: LeaseRecord, expected: string | null, signal: AbortSignal): Promise<WrittenLease> {
    const version = await this.#swap(record, expected, signal)
    if (version !== undefined) return { version, epoch: record.epoch }
    const found = await this.read(signal)
    if (found?.record.holder !== this.#self.holder) return { found: found?.record }
    const { epoch } = found.record
    if (this.#self.isShared !== true)
      return epoch === record.epoch ? { version: found.version, epoch } : { found: found.record }
    const again = await this.#swap({ ...record, epoch }, found.version, signal)
    if (again !== undefined) return { version: again, epoch }
    // Written since it was read a moment ago: as good as written here, if it was by one of the group.
    const last = await this.read(signal)
    if (last?.record.holder !== this.#self.holder) return { found: last?.record }
    return { version: last.version, epoch: last.record.epoch }
  }

  /** Gives it up. @throws what the store throws */
  async giveUp(record: LeaseRecord, expected: string, signal: AbortSignal): Promise<void> {
    await this.#store.swap(LEASE_KEY, bytesOf({ ...record, released: true }), expected, signal)
  }

  /**
   * Gives it up for all who share it. Whoever of them begins after `isUnused` was asked writes it, before this does, which then fails and
   * asks again, or after this: then it is theirs again.
   *
   * @throws what the store and `isUnused` throw
   */
  async giveUpShared(isUnused: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    for (;;) {
      const found = await this.read(signal)
      if (found?.record.holder !== this.#self.holder || found.record.released) return
      if (!(await isUnused())) return
      if ((await this.#swap({ ...found.record, released: true }, found.version, signal)) !== undefined) return
    }
  }

  async delete(): Promise<void> {
    await this.#store.delete(LEASE_KEY)
  }

  /** @returns undefined where the object changed. */
  async #swap(
    record: LeaseRecord,
    expected: string | null,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return await this.#store.swap(LEASE_KEY, bytesOf(record), expected, signal)
    } catch (error) {
      if (error instanceof ObjectChanged) return undefined
      throw error
    }
  }
}

function bytesOf(record: LeaseRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record)}\n`)
}
