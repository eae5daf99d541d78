import { BlockList, isIPv6 } from 'node:net'

/** An address that a name was resolved to. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/**
 * Never asked, whatever the configuration says: link-local addresses (RFC 3927, RFC 4291 §2.5.6), where clouds serve
 * credentials of the machine to whoever asks; the addresses beyond these at which they do the same; and the unspecified
 * address, which connects to this machine.
 */
const REFUSED = new BlockList()
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('fd00:ec2::254', 'ipv6') // Amazon EC2
REFUSED.addAddress('fd20:ce::254', 'ipv6') // Google Cloud
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4')
REFUSED.addAddress('::', 'ipv6')
for (const [network, bits] of [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32], // Alibaba Cloud
  ['192.0.0.192', 32], // Oracle Cloud
] as const) {
  REFUSED.addSubnet(network, bits, 'ipv4')
  // A gateway, or the kernel, takes such an address for the IPv4 one in it: RFC 4291 §2.5.5.1, RFC 6052, RFC 8215, RFC 2765,
  // and 6to4 (RFC 3056). Node maps ::ffff:0:0/96 by itself.
  for (const prefix of ['::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:'])
    REFUSED.addSubnet(`${prefix}${network}`, 96 + bits, 'ipv6')
  REFUSED.addSubnet(`2002:${hexOf(network)}::`, 16 + bits, 'ipv6')
}

/** An IPv4 address as two groups of IPv6: `a9fe:0`. */
function hexOf(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/**
 * Not on the public internet: private, shared, loopback, documentation and multicast addresses, and those in which an IPv4
 * address is embedded (RFC 6890 and the IANA special-purpose registries).
 */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
/** The only global unicast addresses that IANA gives out are in 2000::/3 (RFC 4291 §2.4). */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

/** Those of the addresses that may be connected to. */
export function allowedAddresses(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  return addresses.filter(({ address }) => !contains(REFUSED, address))
}

/** Those of the addresses that may be connected to and lie on the public internet. */
export function publicAddresses(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  return allowedAddresses(addresses).filter(({ address }) => {
    if (contains(PRIVATE, address)) return false
    return !isIPv6(bare(address)) || isMappedIPv4(address) || contains(GLOBAL, address)
  })
}

/** ::ffff:0:0/96; Node compares such an address with IPv4 networks by itself. */
function isMappedIPv4(address: string): boolean {
  return MAPPED.check(bare(address), 'ipv6')
}

const MAPPED = new BlockList()
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6')

function contains(list: BlockList, address: string): boolean {
  return list.check(bare(address), isIPv6(bare(address)) ? 'ipv6' : 'ipv4')
}

/** fe80::1%eth0 (RFC 4007 §11) */
function bare(address: string): string {
  return address.split('%')[0] ?? ''
}
