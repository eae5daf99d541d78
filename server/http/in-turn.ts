import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** Far more than any client sends ahead; browsers, proxies and bots send one request at a time. */
const MAX_WAITING = 1_000

/**
 * Handles the requests of one connection one after the other.
 *
 * A client may send requests ahead of the answers (pipelining, RFC 9112 §9.3.2), and Node hands all of them over at
 * once. Three thousand requests on one connection would then take every download slot, with a descriptor and a buffer each,
 * for answers that nobody can be sent before those in front of them (measured).
 *
 * @param maxWaiting Requests that may wait on one connection; one more ends the connection.
 */
export function inTurn(handle: RequestListener, maxWaiting = MAX_WAITING): RequestListener {
  const waiting = new WeakMap<object, number>()
  return (request, response) => {
    // Node gives a response its socket when the answers in front of it have been sent.
    if (response.socket === null) wait(request, response)
    else handle(request, response)
  }

  function wait(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const count = (waiting.get(socket) ?? 0) + 1
    if (count > maxWaiting) {
      socket.destroy()
      return
    }
    waiting.set(socket, count)
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1)
      // Node has not finished with the response within this event.
      process.nextTick(() => {
        if (!socket.destroyed) handle(request, response)
      })
    })
  }
}
