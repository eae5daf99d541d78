/**
 * An object store: a place for named bytes. One port for files, S3, Google Cloud Storage, Azure and memory;
 * all pass the same suite (test/contracts/object-store.ts).
 *
 * Keys are `/`-separated; no segment is empty, `.`, `..` or longer than 255 bytes, and no key is also a folder
 * of another: under anything else there is no object, and committing it is a TypeError. Every failure that is
 * not named by a method surfaces as {@link StoreUnavailable} where trying again may help, as {@link StoreFull} or
 * {@link StoreFailed} where it will not, each with its cause, and as the error it was otherwise. An aborted
 * signal throws its reason.
 */
export interface ObjectStore {
  /** Where it is, for people: `filesystem /srv/slipway/blobs`, `s3 bucket/folder`. No secret is in it. */
  readonly description: string

  /**
   * Asks the store one thing that needs it to exist and to let us in.
   *
   * @throws StoreMisconfigured naming the setting to look at.
   */
  probe(signal?: AbortSignal): Promise<void>

  /** Begins an object. Nothing is visible under any key until {@link StagedObject.commit}. */
  stage(): Promise<StagedObject>

  /**
   * Opens an object, or a part of it, in one step: the size and the bytes belong to the same object even if
   * it is replaced meanwhile.
   *
   * @throws ObjectNotFound, ObjectChanged (where `ifVersion` is given and another version is there)
   */
  open(key: string, options?: OpenOptions): Promise<OpenObject>

  /** What is known of an object without its bytes; undefined where there is none. */
  stat(key: string, signal?: AbortSignal): Promise<ObjectStat | undefined>

  /** All objects whose key begins with `prefix`, in any order ('' for all). What is written meanwhile may be missing. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectStat>

  /**
   * Writes a small object (at most {@link LARGEST_SWAP} bytes) only where the key is as expected: one winner in every race.
   * Durable when this resolves.
   *
   * @param expected the version that must be there; null: no object
   * @returns the version that is there now
   * @throws ObjectChanged where the key is otherwise. An attempt whose answer was lost may have won all the same:
   *   whoever needs to know reads what is there.
   */
  swap(key: string, bytes: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string>

  /** Removes an object; resolves too where there is none. Reads in flight may finish or fail, never mix. */
  delete(key: string): Promise<void>

  /**
   * Removes what earlier processes staged and never finished. Local folders are this process's own; in a bucket, which others may
   * write to meanwhile, only what was begun more than a day ago is taken for given up.
   *
   * @returns how many leftovers there were.
   */
  sweep(signal?: AbortSignal): Promise<number>

  /** Ends connections and timers. */
  close(): Promise<void>
}

/** A part of an object: `length` bytes from `start`. Both lie inside the object. */
export interface ByteRange {
  start: number
  length: number
}

export interface OpenOptions {
  range?: ByteRange
  /** Only this version ({@link ObjectStat.version}) will do. */
  ifVersion?: string
  /**
   * Bytes of the whole object, as a stat or a list said, where it is read as fast as it comes: a bucket gives parts of a large
   * one side by side then. An object of another size is read all the same.
   */
  expectedSize?: number
  signal?: AbortSignal
}

/** What is known of an object. */
export interface ObjectStat {
  key: string
  /** Bytes. */
  size: number
  /** Differs whenever the bytes may differ: an entity tag, a generation, or size and times of a file. */
  version: string
  /** Milliseconds since 1970, by the store's clock. */
  modifiedAt: number
}

/** An object being read. */
export interface OpenObject extends ObjectStat {
  /**
   * The bytes asked for, to be read once. A chunk may be overwritten as soon as the next one is asked for:
   * whoever keeps it longer copies it. Ends early only by throwing; where the store had to wait or ask again,
   * that has happened already.
   */
  chunks: AsyncIterable<Uint8Array>
  /** Closes what the read has opened, whether all was read or not. Safe to call twice. */
  close(): Promise<void>
}

/** An object being written. Ends in a {@link commit} that created it, or in {@link discard}. */
export interface StagedObject {
  /** Appends bytes; resolves when more may come. The chunk is the caller's again then. */
  write(chunk: Uint8Array): Promise<void>
  /** Bytes written so far. */
  readonly size: number
  /** Reads back what was written, before commit. */
  read(): AsyncIterable<Uint8Array>
  /**
   * Makes the object visible under `key`, whole and durable, or not at all; resolves only after it would
   * survive a power cut. May be called again after {@link StoreUnavailable}, and after `exists`.
   *
   * @returns `exists` where `ifExists` is `keep` and the key was taken: the object there stays as it is, and what was
   *   written waits for another commit or for {@link discard}.
   */
  commit(key: string, options: CommitOptions): Promise<'created' | 'exists'>
  /** Drops what was written. Safe to call twice, and after {@link commit}. */
  discard(): Promise<void>
}

export interface CommitOptions {
  /** SHA-256 of the bytes in hex, sent along where the store can check it. */
  sha256: string
  /** `keep`: create once, one winner in every race. `replace`: the last one wins. */
  ifExists: 'keep' | 'replace'
  signal?: AbortSignal
}

/** Most bytes that {@link ObjectStore.swap} takes. */
export const LARGEST_SWAP: number = 64 * 1024

/** @throws TypeError where the bytes are too many for {@link ObjectStore.swap}. */
export function requireSwapSize(bytes: Uint8Array): void {
  if (bytes.byteLength > LARGEST_SWAP) throw new TypeError(`${bytes.byteLength} bytes are too many to swap`)
}

/** There is no object under the key. */
export class ObjectNotFound extends Error {
  override readonly name = 'ObjectNotFound'
  readonly key: string

  constructor(key: string) {
    super(`there is no object "${key}"`)
    this.key = key
  }
}

/** Another version is there than the one asked for. */
export class ObjectChanged extends Error {
  override readonly name = 'ObjectChanged'
  readonly key: string

  constructor(key: string) {
    super(`the object "${key}" has changed`)
    this.key = key
  }
}

/** The store does not answer, or answers that it cannot now. Trying again may help. */
export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable'
}

/** Whoever gives us the right to ask the store does not do so now. */
export class CredentialsUnavailable extends StoreUnavailable {
  override readonly name = 'CredentialsUnavailable'
}

/** The store is full, or the local disk where its uploads wait. */
export class StoreFull extends Error {
  override readonly name: string = 'StoreFull'
}

/** The store is full, and lies elsewhere: there is room on this machine. */
export class BucketFull extends StoreFull {
  override readonly name = 'BucketFull'
}

/** The store broke a promise or its medium is failing: an I/O error, a failed flush, an object cut short. */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed'
}

/** The store will never let us work as configured; the message names the setting to look at. */
export class StoreMisconfigured extends Error {
  override readonly name = 'StoreMisconfigured'
}

/** Whether an error is in the words of this port already. */
export function isStoreError(error: unknown): boolean {
  const kinds = [ObjectNotFound, ObjectChanged, StoreUnavailable, StoreFull, StoreFailed, StoreMisconfigured]
  return kinds.some((kind) => error instanceof kind)
}
