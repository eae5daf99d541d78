import { isIP } from 'node:net'

/**
 * Whether a host is the one that a pattern stands for.
 *
 * @param host As `URL.hostname` has it.
 * @param pattern A host name in which `*` stands for one label (`*.bots.svc`), or an address.
 */
export function matchesHost(host: string, pattern: string): boolean {
  if (isIP(host) !== 0 || host.startsWith('[')) return host === pattern.toLowerCase()
  const labels = host.split('.')
  const wanted = pattern.toLowerCase().split('.')
  return (
    labels.length === wanted.length &&
    wanted.every((label, index) => label === '*' || label === labels[index])
  )
}
