/**
 * Keeps blobs from being deleted while a backup collects them, and backups from beginning while blobs are deleted. Server and backup
 * are two programs; a program that ends, however it ends, holds nothing any more.
 */
export interface BackupLock {
  /**
   * Keeps backups from beginning until {@link BackupHold.release}; does not wait.
   *
   * @returns undefined while a backup runs.
   */
  tryHold(): BackupHold | undefined
}

export interface BackupHold {
  /** Lets backups begin. Safe to call twice. */
  release(): void
}
