/**
 * Keeps a blob from being deleted between being stored and being named by a release.
 *
 * Work under one digest is done one at a time, in the order of asking, whichever server asks; work under other digests goes on
 * beside it. It ends soon: no bucket that does not answer is waited for without a limit. `KeyedMutex` (concurrency/keyed-mutex.ts) is the lock of one process.
 */
export interface BlobLock {
  /** Resolves or rejects as `work` does. */
  run<Result>(digest: string, work: () => Promise<Result>): Promise<Result>
}
