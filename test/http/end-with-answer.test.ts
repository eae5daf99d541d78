import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { endWithAnswer } from '../../server/http/end-with-answer.ts'
import { selfSigned } from '../support/self-signed.ts'

describe('the end of a connection with its last answer', () => {
  let server: Server
  /** Whether the side of the server was ended before the connection was closed. */
  let shutdowns: number
  let body: string

  beforeEach(async () => {
    shutdowns = 0
    body = 'x'
    server = createServer((request, response) => {
      endWithAnswer(request, response)
      response.end(body)
    })
    server.on('connection', (socket) => socket.on('finish', () => shutdowns++))
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })

  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  async function send(requests: string): Promise<string> {
    const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const closed = new Promise((resolve) => {
      server.once('connection', (socket) => socket.once('close', resolve))
    })
    socket.write(requests)
    const answers = await text(socket)
    await closed
    return answers
  }
  const get = (...fields: string[]) => `GET / HTTP/1.1\r\n${['Host: x', ...fields].join('\r\n')}\r\n\r\n`

  it('is one call of the kernel, which the client sees as the end', async () => {
    expect(await send(get('Connection: close'))).to.match(/^HTTP\/1.1 200 OK[^]*\r\n\r\nx$/)
    expect(shutdowns).to.equal(0)
  })

  it('comes behind all answers that were asked for at once', async () => {
    const answers = await send(get() + get() + get('Connection: close'))
    expect(answers.match(/HTTP\/1.1 200/g)).to.have.length(3)
    expect(shutdowns).to.equal(0)
  })

  it('waits until an answer was taken that the kernel has no room for', async () => {
    body = 'x'.repeat(20_000_000)
    expect((await send(get('Connection: close'))).length).to.be.greaterThan(body.length)
  })

  it('is told before the connection is closed where the request had content', async () => {
    expect(await send(`${get('Connection: close', 'Content-Length: 2')}ab`)).to.match(/x$/)
    expect(shutdowns).to.equal(1)
  })

  it('leaves connections open that are kept alive', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    for (let sent = 0; sent < 2; sent++) {
      socket.write(get())
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(String(answer)).to.match(/^HTTP\/1.1 200/)
    }
    socket.destroy()
  })
})

describe('the end of an encrypted connection with its last answer', () => {
  it('is told the client as TLS has it told', async () => {
    const server = createTlsServer(await selfSigned('localhost'), (request, response) => {
      endWithAnswer(request, response)
      response.end('x')
    })
    let shutdowns = 0
    server.on('secureConnection', (socket: TLSSocket) => socket.on('finish', () => shutdowns++))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).to.match(/x$/)
    await once(server.close(), 'close')
    expect(shutdowns).to.equal(1)
  })
})
