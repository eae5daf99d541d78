import type { Digest } from '../releases/release.ts'

/** Archives as stored, addressed by digest. Callers never supply paths. */
export interface BlobStore {
  /** Begins a blob; nothing is visible before {@link StagedBlob.commit}. */
  stage(): Promise<StagedBlob>

  /**
   * Opens a blob, or a part of it, with its size, in one step.
   *
   * @throws DomainError `blob-missing`, `blob-damaged`, `storage-failed`, `storage-unavailable`
   */
  open(digest: Digest, range?: { start: number; length: number }, signal?: AbortSignal): Promise<OpenBlob>

  /** Size in bytes; undefined where there is no such blob. */
  stat(digest: Digest): Promise<BlobStat | undefined>

  /** Every blob, in any order; rejects with the reason of `signal`. */
  list(signal?: AbortSignal): AsyncIterable<BlobStat>

  /** Removes a blob; resolves too where there is none. @param generation As in {@link CommitOptions}; all of them where absent. */
  delete(digest: Digest, generation?: number): Promise<void>

  /** Bytes that can still be staged, where the store can tell. */
  freeBytes(): Promise<number | undefined>

  close(): Promise<void>
}

/** A blob being written and hashed. Ends in a commit that created it, or in discard. */
export interface StagedBlob {
  /**
   * Appends bytes; resolves when more may come.
   *
   * @throws DomainError `disk-full`, `storage-failed`
   */
  write(chunk: Uint8Array): Promise<void>
  /** Bytes written so far. */
  readonly size: number
  /** The digest of all that was written. Ends the writing. */
  digest(): Digest
  /**
   * Makes the blob visible and durable.
   *
   * @returns `exists` where the same blob is there already and stays as it is: what was written may be committed again
   * @throws DomainError `disk-full`, `storage-unavailable`, `storage-failed`
   */
  commit(options?: CommitOptions): Promise<'created' | 'exists'>
  /** Drops what was written. Safe to call twice, and after commit. */
  discard(): Promise<void>
}

export interface CommitOptions {
  /** Takes the place of a blob that is there already. */
  replace?: boolean
  /** Under which of its keys it is stored; the one that is known where absent (BlobClaim.generation). */
  generation?: number
}

/** A blob being read. */
export interface OpenBlob {
  /** Bytes of the whole blob, whatever part is read. */
  size: number
  /** The bytes asked for, once. A chunk may be overwritten as soon as the next is asked for. */
  chunks: AsyncIterable<Uint8Array>
  /** Releases its resources. Safe to call twice. */
  close(): Promise<void>
}

/** What is known of a blob without reading it. */
export interface BlobStat {
  digest: Digest
  /** Bytes. */
  size: number
  /** Differs whenever the stored bytes may differ. */
  version: string
  /** Milliseconds since 1970. */
  modifiedAt: number
}
