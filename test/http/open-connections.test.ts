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

function newConnection(): OpenConnection {
  return new OpenConnection(new Socket(), '192.0.2.1', 0)
}

function oldKilobytes(): number {
  const spaces = getHeapSpaceStatistics()
  const size = spaces.find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN
  return size / 1e3
}
