import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect } from 'chai'
import { Connections } from '../../server/http/connections.ts'
import { createHttpServer, type HttpServerOptions } from '../../server/http/http-server.ts'
import { keptLog } from '../support/log-lines.ts'
import { RawConnection } from '../support/raw-exchange.ts'
import { selfSigned } from '../support/self-signed.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

describe('a connection over which nothing comes', () => {
  it('is ended at the second look that finds it waiting, where two are given', async () => {
    const { port, connections } = await aListeningServer()
    const connection = await RawConnection.open(port)
    connection.send(REQUEST)
    await connection.until('ok')

    connections.endIdle(2)
    expect(connections.size).to.equal(1)
    connections.endIdle(2)
    await connection.closed()
    expect(connections.size).to.equal(0)
  })

  it('stays where a request came since the last look', async () => {
    let answers = 0
    const { port, connections } = await aListeningServer({}, (_request, response) =>
      response.end(`answer ${++answers}`),
    )
    const connection = await RawConnection.open(port)
    for (let sent = 1; sent <= 5; sent++) {
      connection.send(REQUEST)
      await connection.until(`answer ${sent}`)
      connections.endIdle(2)
    }
    expect(connection.socket.destroyed).to.equal(false)
    expect(connections.size).to.equal(1)
  })

  it('stays while it is being answered, and is looked at anew afterwards', async () => {
    const { promise: asked, resolve: noteAsked } = Promise.withResolvers<() => void>()
    const { port, connections } = await aListeningServer({}, (_request, response) => {
      noteAsked(() => response.end('late'))
    })
    const connection = await RawConnection.open(port)
    connection.send(REQUEST)
    const answer = await asked
    for (let look = 0; look < 5; look++) connections.endIdle(1)
    answer()
    expect(await connection.until('late')).to.include('late')
    connections.endIdle(1)
    await connection.closed()
  })

  it('stays over TLS where a request came since the last look, and is ended where none did', async () => {
    const { cert, key } = await selfSigned('localhost')
    const tls = { cert: Buffer.from(cert), key: Buffer.from(key), minVersion: 'TLSv1.2' as const }
    const { port, connections } = await aListeningServer({ tls })
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    for (let sent = 0; sent < 3; sent++) {
      socket.write(REQUEST)
      await once(socket, 'data')
      connections.endIdle(2)
    }
    expect(connections.size).to.equal(1)
    connections.endIdle(2)
    await once(socket, 'close')
    expect(connections.size).to.equal(0)
  })

  it('is ended by the server that listens when the time has passed, and not long after', async () => {
    const idle = 500
    const timings = { headers: 55_000, look: 5_000, handshake: 10_000, idle, linger: 100 }
    const { port } = await aListeningServer({ timings })
    const connection = await RawConnection.open(port)
    connection.send(REQUEST)
    await connection.until('ok')
    const answeredAt = performance.now()
    await connection.closed()
    // A fifth more may pass; the rest is for a machine that is busy.
    expect(performance.now() - answeredAt).to.be.within(idle - 50, 3 * idle)
  })
})

async function aListeningServer(
  options: Omit<HttpServerOptions, 'connections'> = {},
  listener: RequestListener = (_request, response) => response.end('ok'),
): Promise<{ port: number; connections: Connections }> {
  const connections = new Connections({ total: 100, perAddress: 100 }, { now: () => Date.now() })
  const server = createHttpServer(listener, keptLog().logger, { ...options, connections })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections }
}
