/** Deletes blobs that nothing uses, so that nobody who publishes the same bytes meanwhile loses them. */
export interface BlobRemoval {
  /**
   * @param due Only what was noted as unused before that (ISO 8601, UTC).
   * @returns `used` where a release has it; `busy` where somebody is about to store it, or reads it: it is to be tried again.
   */
  remove(digest: string, due: string): Promise<'deleted' | 'used' | 'busy'>
  /** Deletes what was to be deleted when a server ended; `signal` ends it early. */
  finish(signal?: AbortSignal): Promise<void>
}
