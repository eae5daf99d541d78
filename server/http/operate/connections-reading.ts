import type { Connections } from '../connections.ts'
import type { Reading } from './metrics.ts'

/** Shows how many connections are open, to be watched against SLIPWAY_MAX_CONNECTIONS. */
export function connectionsReading(connections: Pick<Connections, 'size'>): Reading {
  return {
    name: 'slipway_connections',
    help: 'Connections that are open.',
    kind: 'gauge',
    read: () => connections.size,
  }
}
