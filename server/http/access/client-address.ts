import type { IncomingMessage } from 'node:http'

const addresses = new WeakMap<IncomingMessage, string>()

/**
 * The address that a request came from. It is kept once it was asked for: after the peer has closed its connection
 * nobody can tell any more.
 */
export function clientAddress(request: IncomingMessage): string {
  let address = addresses.get(request)
  if (address === undefined) {
    address = request.socket.remoteAddress ?? ''
    addresses.set(request, address)
  }
  return address
}
