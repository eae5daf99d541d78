import type { IncomingMessage } from 'node:http'

/** Where in another application a request's handler is mounted, such as `/models-of-ours`; empty for a server of its own. */
export function mountPath(request: IncomingMessage): string {
  const { baseUrl } = request as { baseUrl?: string }
  return baseUrl ?? ''
}
