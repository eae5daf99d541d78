/** Questions about the catalog itself. */
export interface IdentityReader {
  /**
   * A UUID that the catalog drew when it was made, and that its copies and backups carry: what it owns elsewhere (a bucket,
   * a folder of backups) is marked with it.
   */
  identity(): Promise<string>
}

/** Changes of the catalog itself. */
export interface IdentityWriter {
  /** Makes this catalog the successor of another, whose marks are its own from now on. */
  takeIdentity(server: string): Promise<void>
}
