import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Server, Socket } from 'node:net'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Connections } from '../../server/http/connections.ts'
import { OpenConnection, OpenConnections } from '../../server/http/open-connections.ts'

describe('open connections', () => {
  it('stand in the order in which they were accepted, whichever close', () => {
    const connections = new OpenConnections()
    const first = newConnection()
    const second = newConnection()
    const third = newConnection()
    const fourth = newConnection()
    for (const each of [first, second, third]) connections.add(each)

    connections.remove(second)
    connections.add(fourth)
    assert.deepEqual([...connections], [first, third, fourth])
    connections.remove(first)
    connections.remove(fourth)
    assert.deepEqual([...connections], [third])
    connections.remove(third)
    assert.deepEqual([...connections], [])
    connections.add(newConnection())
    assert.equal(connections.size, 1)
  })

  it('are taken out once', () => {
    const connections = new OpenConnections()
    const connection = newConnection()
    connections.add(connection)
    connections.add(newConnection())

    assert.equal(connections.remove(connection), true)
    assert.equal(connections.remove(connection), false)
    assert.equal(connections.size, 1)
  })

  it('are forgotten by the next collection of young garbage once they have closed', () => {
    const server = new Server()
    new Connections({ total: 1_000, perAddress: 1_000 }, { now: () => 0 }).watch(server)
    const open: EventEmitter[] = []
    const accept = (count: number): void => {
      for (let index = 0; index < count; index++) {
        // The event is all that is looked at, and an address; the words stand for what a socket is made of.
        const socket = Object.assign(new EventEmitter(), {
          remoteAddress: '192.0.2.1',
          words: Array<number>(256).fill(0),
        })
        server.emit('connection', socket)
        if (open.push(socket) > 32) open.shift()?.emit('close', false)
      }
    }
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void
    const collectYoung = (): void => {
      collect({ type: 'minor' })
    }
    collectYoung()
    accept(100)
    for (let time = 0; time < 3; time++) collectYoung()
    const before = oldKilobytes()

    for (let time = 0; time < 20; time++) {
      accept(100)
      collectYoung()
    }

    const grown = oldKilobytes() - before
    assert.ok(grown < 1_000, `${grown.toFixed(0)} kB were kept`)
  })
})

describe('connections by address', () => {
  it('are not counted while fewer are open than one address may have', () => {
    const { accept } = watched({ total: 10, perAddress: 3 })
    const sockets = [accept('192.0.2.1'), accept('192.0.2.2'), accept('192.0.2.1')]
    assert.deepEqual(
      sockets.map(({ asked }) => asked()),
      [0, 0, 0],
    )
  })

  it('count those that were accepted before anybody was counted', () => {
    const { accept, isBeyond } = watched({ total: 10, perAddress: 3 })
    for (let time = 0; time < 3; time++) accept('192.0.2.1')
    const other = accept('192.0.2.2')
    const fourth = accept('192.0.2.1')
    assert.equal(isBeyond(other), false)
    assert.equal(isBeyond(fourth), true)
  })

  it('give back the place of one that was closed, counted or not', () => {
    const { accept, isBeyond } = watched({ total: 10, perAddress: 3 })
    const uncounted = accept('192.0.2.1')
    for (let time = 0; time < 2; time++) accept('192.0.2.1')
    uncounted.socket.emit('close')
    accept('192.0.2.2')
    const counted = accept('192.0.2.1')
    assert.equal(isBeyond(counted), false)
    counted.socket.emit('close')
    assert.equal(isBeyond(accept('192.0.2.1')), false)
    assert.equal(isBeyond(accept('192.0.2.1')), true)
  })
})

/** A socket of a peer whose address counts how often it was asked for. */
interface AddressedSocket {
  socket: Socket
  asked: () => number
}

function addressedSocket(address: string): AddressedSocket {
  const socket = new Socket()
  let asked = 0
  Object.defineProperty(socket, 'remoteAddress', {
    get: () => {
      asked++
      return address
    },
  })
  return { socket, asked: () => asked }
}

function watched(limits: { total: number; perAddress: number }): {
  accept: (address: string) => AddressedSocket
  isBeyond: (accepted: AddressedSocket) => boolean
} {
  const server = new Server()
  const connections = new Connections(limits, { now: () => 0 })
  connections.watch(server)
  return {
    accept: (address) => {
      const accepted = addressedSocket(address)
      server.emit('connection', accepted.socket)
      return accepted
    },
    isBeyond: ({ socket }) => connections.isBeyondLimit(socket),
  }
}

function newConnection(): OpenConnection {
  return new OpenConnection(new Socket(), 0)
}

function oldKilobytes(): number {
  const spaces = getHeapSpaceStatistics()
  const size = spaces.find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN
  return size / 1e3
}
