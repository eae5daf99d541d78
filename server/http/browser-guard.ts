import type { IncomingMessage } from 'node:http'
import type { ProblemCode } from '../../protocol/problem-table.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Refuses what a web page makes a developer's browser send. Without tokens nothing else tells such a request from
 * the developer's own: any page can reach loopback, and by DNS rebinding under a name of its own.
 *
 * @param ownHost The address that the server listens on.
 * @returns The code of the refusal; undefined where the request may go on.
 */
export function refuseForeignPage(
  { method, headers }: IncomingMessage,
  ownHost: string,
): ProblemCode | undefined {
  if (SAFE_METHODS.has(method ?? '')) return undefined
  const { host = '', origin } = headers
  const site = headers['sec-fetch-site']
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (!LOOPBACK.has(name) && name !== ownHost.toLowerCase()) return 'foreign-host-refused'
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'cross-origin-refused'
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'cross-origin-refused'
  return undefined
}
