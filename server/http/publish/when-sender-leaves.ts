import type { IncomingMessage } from 'node:http'

/**
 * Calls `listener` once the connection of a request is gone before its body came to an end: at once where that has
 * happened already, as an event that came before its listener never comes again.
 */
export function whenSenderLeaves(request: IncomingMessage, listener: () => void): void {
  const tell = (): void => {
    if (!request.complete) listener()
  }
  if (request.destroyed) tell()
  else request.once('close', tell)
}
