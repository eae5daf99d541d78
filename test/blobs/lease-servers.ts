import { randomUUID } from 'node:crypto'
import { BucketLease } from '../../server/blobs/bucket-lease.ts'
import { LeasedStore } from '../../server/blobs/leased-store.ts'
import type { LeaseHolder, LeaseState } from '../../server/blobs/lease-record.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'

/** Milliseconds for which a lease is good that nobody renews. */
export const DURATION = 30_000

/** A server that wants the lease, and renews it where a test says so. */
export interface LeaseServer {
  lease: BucketLease
  /** What became of the lease, in order. */
  states: LeaseState[]
  /** The bucket, written to under the lease only. */
  leased: LeasedStore
}

/** A bucket, and servers that want the lease on it, by a clock that a test moves. */
export class LeaseServers {
  readonly store = new MemoryStore()
  /** Milliseconds. */
  now = 0

  /** @param bucket What the server sees of the bucket, where that is something else. */
  aServer(fields: Partial<LeaseHolder> = {}, bucket: MemoryStore = this.store): LeaseServer {
    const states: LeaseState[] = []
    const self = { server: 'one', holder: randomUUID(), place: randomUUID(), host: 'here', ...fields }
    const lease = new BucketLease(bucket, self, {
      timings: { duration: DURATION, interval: 1_000_000 },
      monotonic: () => this.now,
      now: () => 1_800_000_000_000 + this.now,
      onChange: (state) => states.push(state),
    })
    return { lease, states, leased: new LeasedStore(this.store, lease) }
  }
}
