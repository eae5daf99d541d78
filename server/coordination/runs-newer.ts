import type { ServerGroup } from './server-group.ts'

/**
 * Whether a server of a newer version than this one runs over the same catalog.
 *
 * @param version Of this one, as package.json has it.
 * @throws what the catalog throws
 */
export async function runsNewer(group: Pick<ServerGroup, 'list'>, version: string): Promise<boolean> {
  const servers = await group.list()
  return servers.some((server) => server.isRunning && isNewer(server.version, version))
}

/** By numbers alone: of two candidates of one release neither is newer. */
function isNewer(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)]
  const differing = one.findIndex((number, index) => number !== (other[index] ?? 0))
  return differing !== -1 && (one[differing] ?? 0) > (other[differing] ?? 0)
}

function numbersOf(version: string): number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number)
}
