import type { Readable } from 'node:stream'

/**
 * Closes a body that nobody reads to its end. undici reports that as an error of the stream, which ends the process
 * where nobody listens.
 */
export function discardBody(body: Readable): void {
  body.on('error', () => undefined)
  body.destroy()
}
