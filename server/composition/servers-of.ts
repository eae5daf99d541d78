import type { ServerStatus } from '../../protocol/status.ts'
import type { KnownServer, ServerGroup } from '../coordination/server-group.ts'

/**
 * The servers over one database, for `/api/v1/status`, which answers also while the database does not.
 *
 * @param isInDatabase Whether the catalog is in one at all.
 */
export async function serversOf(
  group: Pick<ServerGroup, 'id' | 'list'> | undefined,
  isInDatabase: boolean,
): Promise<ServerStatus[] | null> {
  if (group === undefined) return isInDatabase ? null : []
  const servers = await group.list().catch(() => undefined)
  if (servers === undefined) return null
  return servers
    .filter((server) => !isReplaced(server, servers))
    .map((server) => presentServer(server, group.id))
}

/**
 * Whether a server that ended without a word has a successor: one began later on the same host, and listens where it did. Where it
 * kept its data directory it took the row over, too; a container has a new one.
 */
function isReplaced(
  { id, host, address, isRunning, seenAt }: KnownServer,
  servers: readonly KnownServer[],
): boolean {
  if (isRunning || address === '') return false
  return servers.some(
    (other) =>
      other.id !== id && other.host === host && other.address === address && other.startedAt >= seenAt,
  )
}

function presentServer(server: KnownServer, self: string): ServerStatus {
  const { id, host, address, version, startedAt, seenAt, behind, isRunning, keepsHouse } = server
  return {
    id,
    host,
    address,
    version,
    keepsHouse,
    state: isRunning ? 'running' : 'silent',
    startedAt: new Date(startedAt).toISOString(),
    lastSeenAt: new Date(seenAt).toISOString(),
    behindSeconds: Math.round(behind / 100) / 10,
    isThis: id === self,
  }
}
