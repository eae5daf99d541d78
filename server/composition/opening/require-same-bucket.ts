import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { LEASE_KEY } from '../../blobs/lease-record.ts'
import type { KnownServer, ServerGroup } from '../../coordination/server-group.ts'

/** Milliseconds. */
const LOOK_AGAIN_MS = 500
const MOST_MS = 20_000

/** This server's bucket is not that of the servers that run over its database already, whatever it is called. */
export class OtherBucket extends Error {
  override readonly name = 'OtherBucket'
}

/**
 * Makes sure that a bucket is the one of those that run already: theirs has a lease, another of the same name (on another host, in
 * another account) has none. Of servers that begin at once the first makes the lease.
 *
 * @throws OtherBucket, and what the store throws.
 */
export async function requireSameBucket(store: ObjectStore, group: ServerGroup): Promise<void> {
  const deadline = performance.now() + MOST_MS
  while ((await store.stat(LEASE_KEY)) === undefined) {
    const servers = await group.list()
    const before = servers.slice(
      0,
      servers.findIndex(({ id }) => id === group.id),
    )
    const running = before.find(({ isRunning }) => isRunning)
    if (running === undefined) return
    // One that listens has had its lease for long.
    if (running.address !== '' || performance.now() > deadline) throw otherBucket(store, running)
    await delay(LOOK_AGAIN_MS)
  }
}

function otherBucket({ description }: ObjectStore, { host }: KnownServer): OtherBucket {
  return new OtherBucket(
    `${description} is not where the other servers of this database (one on ${host}) keep archives: ` +
      'give all of them the same bucket on the same host',
  )
}
