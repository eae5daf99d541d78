/** A server among those that share a catalog, as it registers. */
export interface GroupServer {
  /** Drawn at its start. */
  readonly id: string
  /**
   * The same for two processes only where they use the same data directory of the same machine, which one process at a time can
   * lock: whoever asks with the lock in its hand knows that the other has ended.
   */
  readonly place: string
  /** For people: the host name. */
  readonly host: string
  readonly version: string
  readonly storage: SharedStorage
}

/** Where a server keeps archives, for comparison with where others do. */
export interface SharedStorage {
  /** For people; the same for two servers where they use the same. */
  readonly name: string
  /** Whether other machines reach it. */
  readonly isShared: boolean
}

/** What the catalog knows of a server. Moments are milliseconds since 1970, by the clock of the database. */
export interface KnownServer {
  readonly id: string
  readonly host: string
  /** Where it listens; empty: not yet. */
  readonly address: string
  readonly version: string
  readonly startedAt: number
  readonly seenAt: number
  /** Milliseconds since what it knows was compared with the catalog last. */
  readonly behind: number
  /** Whether it was heard of lately enough to be taken for running. */
  readonly isRunning: boolean
  /** Whether it does what one does for all. */
  readonly keepsHouse: boolean
}

/** The servers that share a catalog, seen by one of them. */
export interface ServerGroup {
  /** Of this server. */
  readonly id: string
  /** Of the database that they share: another for a copy of it in another place. */
  readonly database: string
  /** In the order in which they began. */
  list(): Promise<KnownServer[]>
  /** Has the others know where this one listens. */
  listensAt(address: string): void
  /** Notes that what this server knows was just compared with the catalog. */
  compared(): void
}

/** Whether no server runs, as far as can be told; to be asked by one that has left. */
export async function isDeserted(group: ServerGroup): Promise<boolean> {
  const servers = await group.list().catch(() => undefined)
  return servers?.every(({ isRunning }) => !isRunning) === true
}
