import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { sendAtOnce, sendAtOnceAfterFirst } from './send-at-once.ts'

/** Far more than any client sends ahead; browsers, proxies and bots send one request at a time. */
const MAX_WAITING = 1_000

/** One takes some 2.5 kB (measured): 300 connections with a thousand each, 14 MB sent, ended a server that had 330 MB of heap. */
const MAX_WAITING_IN_ALL = 10_000

/**
 * Handles the requests of one connection one after the other.
 *
 * A client may send requests ahead of the answers (pipelining, RFC 9112 §9.3.2), and Node hands all of them over at
 * once. Three thousand requests on one connection would then take every download slot, with a descriptor and a buffer each,
 * for answers that nobody can be sent before those in front of them (measured).
 *
 * @param maxWaiting Requests that may wait on one connection; one more ends the connection.
 * @param maxInAll Requests that may wait on all connections together; one more ends the connection that it came by.
 */
export function inTurn(
  handle: RequestListener,
  maxWaiting = MAX_WAITING,
  maxInAll = MAX_WAITING_IN_ALL,
): RequestListener {
  const waiting = new WeakMap<Socket, { count: number }>()
  let inAll = 0
  return (request, response) => {
    // Node gives a response its socket when the answers in front of it have been sent.
    if (response.socket === null) wait(request, response)
    else {
      // A last answer is sent at once with the end of its connection.
      if (response.shouldKeepAlive) sendAtOnceAfterFirst(request)
      handle(request, response)
    }
  }

  function wait(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // Node goes on with what it has read already.
    if (socket.destroyed) return
    const ahead = waiting.get(socket) ?? watch(socket)
    if (ahead.count >= maxWaiting || inAll >= maxInAll) {
      socket.destroy()
      return
    }
    ahead.count++
    inAll++
    // Else each answer would wait until the client has confirmed the one before.
    sendAtOnce(request)
    response.once('socket', () => {
      if (ahead.count > 0) {
        ahead.count--
        inAll--
      }
      // Node has not finished with the response within this event; and others have their turn before the next one of this connection.
      setImmediate(() => {
        if (!socket.destroyed) handle(request, response)
      })
    })
  }

  function watch(socket: Socket): { count: number } {
    const ahead = { count: 0 }
    waiting.set(socket, ahead)
    socket.once('close', () => {
      inAll -= ahead.count
      ahead.count = 0
    })
    return ahead
  }
}
