import type { ServerStatus } from '../../protocol/status.ts'
import type { KnownServer, ServerGroup } from '../coordination/server-group.ts'

/**
 * The servers over one database, for `/api/v1/status`, which answers also while the database does not.
 *
 * @param isInDatabase Whether the catalog is in one at all.
 */
export async function serversOf(
  group: ServerGroup | undefined,
  isInDatabase: boolean,
): Promise<ServerStatus[] | null> {
  if (group === undefined) return isInDatabase ? null : []
  const servers = await group.list().catch(() => undefined)
  return servers?.map((server) => presentServer(server, group.id)) ?? null
}

function presentServer(server: KnownServer, self: string): ServerStatus {
  const { id, host, address, version, startedAt, seenAt, behind, isRunning, keepsHouse } = server
  return {
    ...{ id, host, address, version, keepsHouse },
    state: isRunning ? 'running' : 'silent',
    startedAt: new Date(startedAt).toISOString(),
    lastSeenAt: new Date(seenAt).toISOString(),
    behindSeconds: Math.round(behind / 100) / 10,
    isThis: id === self,
  }
}
