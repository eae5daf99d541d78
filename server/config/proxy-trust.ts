import { isIP } from 'node:net'
import { z } from 'zod'
import type { ProxyTrust } from '../http/access/proxy-trust.ts'

const EXPECTED = 'expected a number of proxies from 1 to 9, or addresses and networks such as 10.0.0.0/8,::1'

/** `1`, or `127.0.0.1,10.0.0.0/8,fd00::/8`. */
export const proxyTrust = z.string().transform((text, context): ProxyTrust => {
  if (/^[1-9]$/.test(text)) return { hops: Number(text) }
  const networks = text.split(',').map((part) => readNetwork(part.trim()))
  const known = networks.filter((network) => network !== undefined)
  if (known.length === networks.length) return { networks: known }
  context.addIssue(EXPECTED)
  return z.NEVER
})

function readNetwork(text: string) {
  const [address = '', digits, more] = text.split('/')
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const prefix = digits === undefined ? bits : /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN
  if (version === 0 || more !== undefined || !(prefix <= bits)) return undefined
  return { address, prefix, family: version === 6 ? ('ipv6' as const) : ('ipv4' as const) }
}
