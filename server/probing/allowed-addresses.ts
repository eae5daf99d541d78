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
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4')
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('100.100.100.200', 'ipv4') // Alibaba Cloud
REFUSED.addAddress('fd00:ec2::254', 'ipv6') // Amazon EC2
REFUSED.addAddress('fd20:ce::254', 'ipv6') // Google Cloud
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4')
REFUSED.addAddress('::', 'ipv6')
// Translated to IPv4 by a gateway (RFC 6052); Node maps ::ffff:0:0/96 to IPv4 by itself.
REFUSED.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')

/** Those of the addresses that may be connected to. */
export function allowedAddresses(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  return addresses.filter(({ address }) => {
    // fe80::1%eth0 (RFC 4007 §11)
    const [bare = ''] = address.split('%')
    return !REFUSED.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
  })
}
