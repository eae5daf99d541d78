import type { IncomingMessage } from 'node:http'

const addresses = new WeakMap<IncomingMessage, string>()

/**
 * The address of the client that sent a request: what {@link keepClientAddress} was told, else the peer's. It is kept
 * once it was asked for: after the peer has closed its connection nobody can tell any more.
 */
export function clientAddress(request: IncomingMessage): string {
  return addresses.get(request) ?? keepClientAddress(request, peerAddress(request))
}

/** Says which address a request came from. */
export function keepClientAddress(request: IncomingMessage, address: string): string {
  addresses.set(request, address)
  return address
}

/** The address at the other end of the connection. */
export function peerAddress({ socket }: IncomingMessage): string {
  return withoutMapping(socket.remoteAddress ?? '')
}

/** An IPv4 address that came as one of IPv6 (`::ffff:192.0.2.1`), as sockets that listen on `::` say it. */
export function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/**
 * What limits count by: an IPv4 address, or the /64 of an IPv6 address, all of which one subscriber has.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
