import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { createHttpServer } from '../../../server/http/http-server.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { headerOf, parseAnswer, rawExchange, RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

const host = 'Host: localhost\r\n'

describe('a request that is not well formed', () => {
  const cases: [what: string, request: string, status: number, code: string][] = [
    [
      'two Host lines',
      `GET /models/shop HTTP/1.1\r\n${host}${host}Connection: close\r\n\r\n`,
      400,
      'bad-request',
    ],
    [
      'two Host lines that differ, on the API',
      `GET /api/v1/models HTTP/1.1\r\n${host}host: evil.example\r\nConnection: close\r\n\r\n`,
      400,
      'bad-request',
    ],
    ['no Host', 'GET /models/shop HTTP/1.1\r\n\r\n', 400, ''],
    [
      'a length beside chunks (smuggling)',
      `POST /models/shop HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'bad-request',
    ],
    [
      'two lengths',
      `POST /models/shop HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      400,
      'bad-request',
    ],
    [
      'a length that is no number',
      `POST /models/shop HTTP/1.1\r\n${host}Content-Length: 0x5\r\n\r\n`,
      400,
      'bad-request',
    ],
    [
      'a negative length',
      `POST /models/shop HTTP/1.1\r\n${host}Content-Length: -5\r\n\r\n`,
      400,
      'bad-request',
    ],
    ['bare line feeds', 'GET /models/shop HTTP/1.1\nHost: localhost\n\n', 400, 'bad-request'],
    ['a blank before the colon', `GET /models/shop HTTP/1.1\r\nHost : localhost\r\n\r\n`, 400, 'bad-request'],
    ['a NUL in a field', `GET /models/shop HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, 400, 'bad-request'],
    ['a blank in the address', `GET /models/a b HTTP/1.1\r\n${host}\r\n`, 400, 'bad-request'],
    ['another protocol', `GET /models/shop HTTP/9.9\r\n${host}\r\n`, 400, 'bad-request'],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'bad-request'],
    [
      'header fields of 20 kB',
      `GET /models/shop HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'an address of 20 kB',
      `GET /models/${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'a thousand header fields',
      `GET /models/shop HTTP/1.1\r\n${host}${Array.from({ length: 1_500 }, (_, i) => `Field-${i}: x\r\n`).join('')}\r\n`,
      431,
      'headers-too-large',
    ],
  ]
  for (const [what, request, status, code] of cases) {
    it(`(${what}) is answered ${status}, and the server lives`, async () => {
      const server = await aServer()
      await server.publish(anArchive())
      const answer = await rawExchange(server.port, request)
      expect(answer.status).to.equal(status)
      if (code !== '') expect((JSON.parse(answer.body.toString()) as Problem).code).to.equal(code)
      expect(answer.body.toString()).to.not.match(/ at .*\.[jt]s|node_modules/)
      await server.request.get('/models/shop').expect(200)
    })
  }

  it('on the API hears which method, type or JSON was expected', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    const path = '/api/v1/models/shop/tags/production'
    const put = (type: string, body: string) => server.request.put(path).set('Content-Type', type).send(body)
    const answers = [
      await put('application/json', '{"release": 1'),
      await put('application/json', '[]'),
      await put('application/json', '{"release": 1, "extra": 2}'),
      await put('application/json', '{"release": "1"}'),
      await put('application/json', `{"release": 1, "reason": "${'x'.repeat(70_000)}"}`),
      await put('text/plain', '{"release": 1}'),
      await server.request.put(path),
      await server.request.post(path),
    ]
    expect(answers.map(({ status, body }) => [status, (body as Problem).code])).to.deep.equal([
      ...Array<unknown>(5).fill([400, 'invalid-body']),
      [415, 'media-type-unsupported'],
      [415, 'media-type-unsupported'],
      [405, 'method-not-allowed'],
    ])
  })
})

describe('a request whose header fields come slowly', () => {
  async function aHurriedServer(): Promise<{ port: number; events: () => unknown[] }> {
    const { logger, lines } = keptLog()
    const timings = { headers: 200, look: 20, handshake: 1_000, idle: 60_000, linger: 100 }
    const server = createHttpServer((_request, response) => response.end('ok'), logger, { timings })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    afterThisTest(() => {
      server.closeAllConnections()
      server.close()
    })
    return { port: (server.address() as AddressInfo).port, events: () => lines.map(({ event }) => event) }
  }

  it('is answered 408 in its time, and logged as slow_client', async () => {
    const { port, events } = await aHurriedServer()
    const connection = await RawConnection.open(port)
    connection.send('GET /models/shop HTTP/1.1\r\nX: ')
    const drip = setInterval(() => {
      connection.send('x')
    }, 20)
    const answer = parseAnswer(await connection.closed())
    clearInterval(drip)
    expect(answer.status).to.equal(408)
    expect(headerOf(answer, 'Content-Type')).to.equal('application/problem+json')
    expect(events()).to.include('slow_client')
  })

  it('loses its connection soon after, even where the peer never closes its side', async () => {
    const { port } = await aHurriedServer()
    for (const sent of ['', 'GET / HTTP/1.1\r\nHo', 'no HTTP\r\n\r\n']) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      socket.write(sent)
      socket.resume()
      await once(socket, 'end')
      // As long as the server keeps its side, what is written is taken; then the kernel resets it.
      const reset = once(socket, 'error').catch((error: unknown) => [error])
      const drip = setInterval(() => socket.write('x'), 20)
      await Promise.race([once(socket, 'close').catch(() => undefined), reset])
      clearInterval(drip)
      socket.destroy()
    }
  })

  it('does not keep others waiting', async () => {
    const { port } = await aHurriedServer()
    const slow = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(port)))
    for (const connection of slow) connection.send('GET / HTTP/1.1\r\n')
    const answer = await rawExchange(port, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    expect(answer.status).to.equal(200)
    for (const connection of slow) connection.socket.destroy()
  })

  it('has 55 s by itself, looked at every 5 s: 408 within a minute', async () => {
    const server = createHttpServer(() => undefined, keptLog().logger)
    expect(server).to.include({ headersTimeout: 55_000, requestTimeout: 0, keepAliveTimeout: 75_000 })
    expect(
      (server as unknown as { connectionsCheckingInterval: number }).connectionsCheckingInterval,
    ).to.equal(5_000)
    server.close()
    await Promise.resolve()
  })
})
