import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** An HTTP proxy in front of a server on loopback that counts what is asked for. */
export interface CountingProxy {
  port: number
  /** `GET /bucket/key`, in the order of asking. */
  requests: string[]
  stop: () => Promise<void>
}

/** Starts a proxy on a free port; `targetPort` is the server's on 127.0.0.1. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  const requests: string[] = []
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    // Host stays as it is: signatures cover it.
    const { method, url, headers } = incoming
    const forwarded = request({ host: '127.0.0.1', port: targetPort, method, path: url, headers })
    const answered = once(forwarded, 'response').then(async ([answer]) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders)
      await pipeline(answer, outgoing)
    })
    Promise.all([pipeline(incoming, forwarded), answered]).catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a port was expected')
  return {
    port: address.port,
    requests,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
