import { isDeserted } from '../coordination/server-group.ts'
import type { Capabilities } from './compose-capabilities.ts'
import type { Foundation } from './open-foundation.ts'

/** How a server that is put together begins, ends, and closes what it has opened. */
export interface ServerLifecycle {
  /** Begins what goes on beside answering; resolves when inbox and bucket were looked through once. */
  start(): Promise<void>
  /** Tells it to end, and resolves when it has. Polls and transfers go on. */
  stop(): Promise<void>
  /** Closes everything behind the server, in the reverse order of opening. */
  close(): Promise<void>
  /** Before {@link close}, by a server that never listened: a bucket that nobody owned before is nobody's again. */
  abandon(): Promise<void>
}

/** Says in which order the parts of a server begin and end. */
export function serverLifecycle(foundation: Foundation, capabilities: Capabilities): ServerLifecycle {
  const { dataLock, tls, catalog, tokens, storage } = foundation
  const { housekeeper, audit, blobs, fleet, upkeep, buckets, backups, records } = capabilities
  const { inbox, webhooks, http, series } = capabilities
  return {
    async start() {
      catalog.start()
      tokens.start()
      audit.start()
      tls.start(http)
      storage.start()
      housekeeper.start()
      fleet.start()
      blobs.start()
      upkeep.start()
      series.start()
      if (catalog.isLost()) return
      webhooks.start()
      records?.start()
      backups.start()
      await Promise.all([inbox?.start(), buckets.start()])
    },
    async stop() {
      catalog.stop()
      storage.stop()
      blobs.stop()
      const tasks = [tls, tokens, audit, fleet, buckets, backups, upkeep, webhooks, series]
      await Promise.all([...tasks.map((task) => task.stop()), inbox?.stop(), records?.stop()])
      // Last: the others may still have something to do that only the housekeeper does.
      await housekeeper.stop()
    },
    async close() {
      await fleet.close()
      await audit.close()
      await tokens.close()
      await records?.finish(housekeeper)
      await leaveAndClose(catalog, storage)
      await blobs.blobs.close()
      dataLock.release()
    },
    async abandon() {
      // Not where the inbox was published already: those archives have an owner.
      if (catalog.current.size === 0) await storage.lease?.abandon()
    },
  }
}

/** Closes the catalog, and gives the bucket up where no server of the group is left to use it. */
async function leaveAndClose(
  catalog: Pick<Foundation['catalog'], 'group' | 'leave' | 'close'>,
  { lease }: Pick<Foundation['storage'], 'lease'>,
): Promise<void> {
  const { group } = catalog
  // Whoever sees that this server has left may take it that it does not write the lease any more.
  await lease?.endRenewing()
  await catalog.leave()
  if (group !== undefined) await lease?.release(() => isDeserted(group))
  await catalog.close()
  if (group === undefined) await lease?.release()
}
