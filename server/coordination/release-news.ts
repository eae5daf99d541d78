/**
 * How this server learns what other servers over the same catalog changed. What it changes itself it knows at once (`changeModel`).
 * Where several servers share a catalog, the revisions of its models tell which changed: a sequence of changes would skip those that
 * are committed late.
 */
export interface ReleaseNews {
  /** Keeps the current releases up to date until `signal` aborts; resolves then, and never rejects. */
  follow(signal: AbortSignal): Promise<void>
  /** Takes in now what others changed until now. @throws what the catalog throws. */
  compare(): Promise<void>
  /** Whether what is known may be older than others allow for. */
  readonly isStale: () => boolean
  /** Has `reload` read anew what is known of a model that another server changed. */
  reloadBy(reload: (model: string) => Promise<void>): void
}

/** One server has the catalog for itself: there is no news that it did not make. */
export class NoOtherServers implements ReleaseNews {
  follow(): Promise<void> {
    return Promise.resolve()
  }

  compare(): Promise<void> {
    return Promise.resolve()
  }

  readonly isStale = (): boolean => false

  reloadBy(): void {
    // Nobody else changes anything.
  }
}
