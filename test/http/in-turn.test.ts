import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { inTurn } from '../../server/http/in-turn.ts'
import { eventually } from '../support/eventually.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

describe('requests that wait for the answers in front of them', () => {
  let server: Server
  let sockets: Socket[]
  let open: ServerResponse[]

  beforeEach(async () => {
    sockets = []
    open = []
    const handle = inTurn((_request, response) => open.push(response), 10, 12)
    server = createServer(handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  async function send(requests: number): Promise<Socket> {
    const known = open.length
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => undefined).resume()
    await once(socket, 'connect')
    socket.write(REQUEST.repeat(requests))
    await eventually('the first one is handled', () => open.length > known)
    return socket
  }

  const isEnded = (socket: Socket) => eventually('the connection is ended', () => socket.destroyed)

  it('are as many as may wait on all connections together, however few each has', async () => {
    const first = await send(9)
    await isEnded(await send(6))
    expect(first.destroyed).to.equal(false)
  })

  it('count no longer once their connection is closed', async () => {
    for (let time = 0; time < 4; time++) {
      const socket = await send(9)
      socket.destroy()
      await eventually('the server knows', () => open.at(-1)?.destroyed === true)
    }
    const last = await send(9)
    await send(1)
    expect(last.destroyed).to.equal(false)
  })

  it('count no longer once they are handled', async () => {
    const first = await send(9)
    for (let handled = 0; handled < 9; handled++) {
      await eventually('the next one is handled', () => open.length > handled)
      open[handled]?.end()
    }
    const second = await send(9)
    await send(3)
    expect([first.destroyed, second.destroyed]).to.deep.equal([false, false])
  })

  it('are handled one in each turn of the event loop, so that others are answered in between', async () => {
    let turn = 0
    const handledIn: number[] = []
    const handle = inTurn((_request, response) => {
      handledIn.push(turn)
      response.end()
    })
    server.close()
    server = createServer(handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
    let isOver = false
    const count = (): void => {
      turn++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').resume()
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write(REQUEST.repeat(10))
    await eventually('all are handled', () => handledIn.length === 10)
    isOver = true
    expect(new Set(handledIn).size).to.equal(10)
  })
})
