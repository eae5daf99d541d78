import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

/**
 * Has a connection send what is written at once, also while the client has yet to confirm what was written before (TCP_NODELAY; RFC 9293
 * §3.7.4): for an answer that is written in several pieces. On a connection where it is set already, this does nothing.
 *
 * Node would set it at the beginning of each connection, which costs a poll 2 of its 33 µs (measured, Node 24.21, Linux 6.18), and most
 * connections bring one poll and get one piece.
 */
export function sendAtOnce({ socket, httpVersionMajor }: IncomingMessage): void {
  // An application around this server may speak HTTP/2, where Node refuses to change the connection, or hand over requests of no network.
  if (httpVersionMajor === 1 && socket instanceof Socket) socket.setNoDelay(true)
}

/**
 * As {@link sendAtOnce}, for every request of a connection but its first. Its client may have sent it before it had the answer in front of
 * it, and confirms that only some 40 ms later, as nothing else is to be told (delayed ACK, RFC 9293 §3.8.6.3).
 */
export function sendAtOnceAfterFirst(request: IncomingMessage): void {
  const { socket }: { socket: AskedSocket } = request
  const sendsAtOnce = socket[SENDS_AT_ONCE]
  if (sendsAtOnce === true) return
  if (sendsAtOnce === false) sendAtOnce(request)
  if (request.httpVersionMajor === 1) socket[SENDS_AT_ONCE] = sendsAtOnce !== undefined
}

/** A property of the socket, undefined before its first request: what a WeakSet holds costs each collection of garbage as well. */
const SENDS_AT_ONCE = Symbol('sendsAtOnce')

interface AskedSocket extends Socket {
  [SENDS_AT_ONCE]?: boolean
}
