import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'

/** Descriptors for what is neither a connection nor an archive on its way: catalog, log, event loop, staged uploads. */
const RESERVED_DESCRIPTORS = 64
/** Below it there would be nothing to serve with. */
const MIN_CONNECTIONS = 16
/** What downloads leave to polls. */
const DOWNLOAD_SHARE = 0.8

/** How much may go on at once. */
export interface TrafficLimits {
  connections: number
  connectionsPerAddress: number
  downloads: number
}

/**
 * The limits that were set, as far as the open files that this process may have allow them: a download needs two, a
 * connection and a file. Polls keep a fifth of the connections.
 *
 * @param descriptors Files that this process may have open.
 */
export function limitTraffic(
  {
    maxConnections,
    maxConnectionsPerAddress,
    maxDownloads,
  }: Pick<Config, 'maxConnections' | 'maxConnectionsPerAddress' | 'maxDownloads'>,
  descriptors = readDescriptorLimit(),
): TrafficLimits {
  const possible = Math.max(MIN_CONNECTIONS, Math.floor((descriptors - RESERVED_DESCRIPTORS) / 2))
  const connections = Math.min(maxConnections, possible)
  return {
    connections,
    connectionsPerAddress: Math.min(maxConnectionsPerAddress ?? Math.ceil(connections / 4), connections),
    downloads: Math.max(1, Math.min(maxDownloads, Math.floor(connections * DOWNLOAD_SHARE))),
  }
}

/** The soft limit of proc(5); Node raises it to the hard one as it starts. Where it is not told, there is none. */
function readDescriptorLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}
