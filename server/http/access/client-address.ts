import type { IncomingMessage } from 'node:http'

/** In the request itself: a WeakMap of requests costs every poll more than all of its look-ups (measured). */
const ADDRESS = Symbol('address of the client')

type Addressed = IncomingMessage & { [ADDRESS]?: string }

/**
 * The address of the client that sent a request: what {@link keepClientAddress} was told, else the peer's. It is kept
 * once it was asked for: after the peer has closed its connection nobody can tell any more.
 */
export function clientAddress(request: IncomingMessage): string {
  return (request as Addressed)[ADDRESS] ?? keepClientAddress(request, peerAddress(request))
}

/** Says which address a request came from. */
export function keepClientAddress(request: IncomingMessage, address: string): string {
  ;(request as Addressed)[ADDRESS] = address
  return address
}

/** The address at the other end of the connection. */
export function peerAddress({ socket }: Pick<IncomingMessage, 'socket'>): string {
  return withoutMapping(socket.remoteAddress ?? '')
}

/**
 * Ends the connection where the peer has gone before anybody asked for its address, so that nobody would read an answer, and nobody can
 * tell who asked: it has reset the connection, or the connection was closed before the request was handed over, as an application around
 * this server may do late. A Unix socket that is open has no address at either end.
 *
 * @returns whether it has gone; otherwise {@link clientAddress} can tell its address from now on, where it has one.
 */
export function endIfGone({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  const hasGone =
    socket.remoteAddress === undefined && (socket.localAddress !== undefined || socket.destroyed)
  if (hasGone) socket.destroy()
  return hasGone
}

/** An IPv4 address that came as one of IPv6 (`::ffff:192.0.2.1`), as sockets that listen on `::` say it. */
export function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
