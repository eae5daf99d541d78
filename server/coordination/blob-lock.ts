/**
 * Keeps a blob from being deleted between being stored and being named by a release.
 *
 * Work under one digest is done one at a time, in the order of asking, on one server; work under other digests goes on beside it.
 * `KeyedMutex` (concurrency/keyed-mutex.ts) is the lock of a server that has the catalog for itself. Where several share it, the blob is
 * claimed in the catalog meanwhile, so that none of them deletes it.
 */
export interface BlobLock {
  /** Resolves or rejects as `work` does. */
  run<Result>(digest: string, work: (claim?: BlobClaim) => Promise<Result>): Promise<Result>
}

/** What the catalog says of a blob that is claimed. */
export interface BlobClaim {
  /**
   * Under which of its keys the blob is to be stored: one that was to be deleted once is never used again. Whether this is so still
   * is to be asked in the transaction that names the blob (`BlobWriter.holdBlob`): a server that slept may have lost its claim.
   */
  readonly generation: number
}
