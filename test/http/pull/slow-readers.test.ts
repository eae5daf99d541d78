import { EventEmitter } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Pace } from '../../../server/http/pace.ts'
import { READERS_PACE, ResponseWriter } from '../../../server/http/reply/response-writer.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { ManualLooks } from '../../support/manual-looks.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'
import { listenUntilTestEnds } from '../../support/listen-until-test-ends.ts'

/** More than the buffers of a loopback connection take. */
const LARGE = 16 * 1024 * 1024

/** What was taken earns nothing: each look that finds a reader waited for counts. */
const pace: Pace = { bytesPerSecond: Infinity, graceSeconds: 30, mostGraceSeconds: 30, lookSeconds: 5 }

async function respondWith(work: (response: ServerResponse) => Promise<unknown>): Promise<RawConnection> {
  const server = createServer((_request, response) => void work(response))
  const connection = await RawConnection.open(await listenUntilTestEnds(server))
  connection.socket.pause()
  connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return connection
}

describe('writing to a reader', () => {
  let looks: ManualLooks

  beforeEach(() => {
    looks = new ManualLooks()
  })

  it('ends the connection of one that takes nothing of what it was offered', async () => {
    const written = Promise.withResolvers<boolean>()
    let isWritten = false
    await respondWith(async (response) => {
      const writer = new ResponseWriter(response, { pace, looks: looks.every })
      written.resolve(await writer.write(new Uint8Array(LARGE)))
      isWritten = true
    })
    await eventually('it is cut', () => {
      looks.look()
      return isWritten
    })
    expect(await written.promise).to.equal(false)
  })

  it('never ends the connection of one that was offered nothing, as this process had no time for it', async () => {
    const written = Promise.withResolvers<boolean>()
    const waiting: (() => void)[] = []
    const begun = Promise.withResolvers<undefined>()
    const turns = { run: (work: () => void) => void waiting.push(work) }
    const connection = await respondWith(async (response) => {
      const writer = new ResponseWriter(response, { pace, looks: looks.every, turns })
      const writing = writer.write(new Uint8Array(1_000))
      begun.resolve(undefined)
      written.resolve(await writing)
      response.end()
    })
    connection.socket.resume()
    await begun.promise
    looks.look(1_000)
    for (const work of waiting) work()
    expect(await written.promise).to.equal(true)
  })

  it('waits for one that takes what it is offered, however long the whole takes', async () => {
    const written = Promise.withResolvers<boolean>()
    let isWritten = false
    const connection = await respondWith(async (response) => {
      response.writeHead(200, { 'Content-Length': 2 * LARGE })
      const writer = new ResponseWriter(response, { looks: looks.every })
      written.resolve(await writer.write(new Uint8Array(2 * LARGE)))
      isWritten = true
    })
    let [taken, looked] = [0, 0]
    connection.socket.on('data', (chunk) => {
      taken += chunk.length
      // As if a quarter of a megabyte took five seconds: ten minutes for the whole.
      for (; looked < taken; looked += 256 * 1024) looks.look()
    })
    connection.socket.resume()
    await eventually('all of it was written', () => isWritten)
    expect(await written.promise).to.equal(true)
  })

  it('waits from the first byte on for one that takes just what the pace asks for', async () => {
    const written = Promise.withResolvers<boolean>()
    let [offered, taken] = [0, 0]
    let take: () => void = () => undefined
    /** Whose socket reports what it was given once all of that was taken. */
    const response = Object.assign(new EventEmitter(), {
      destroyed: false,
      closed: false,
      cork: () => undefined,
      uncork: () => undefined,
      write(slice: Uint8Array, callback: () => void) {
        offered += slice.length
        take = callback
      },
      destroy() {
        response.destroyed = true
        response.emit('close')
      },
    })
    const writer = new ResponseWriter(response as unknown as ServerResponse, { looks: looks.every })
    void writer.write(new Uint8Array(LARGE)).then(written.resolve)
    while (taken < LARGE && !response.destroyed) {
      taken += READERS_PACE.bytesPerSecond * READERS_PACE.lookSeconds
      if (taken >= offered) take()
      looks.look()
      await nextTurn()
    }
    expect(await written.promise, `${taken} bytes were taken`).to.equal(true)
  })

  it('writes within its turn, and leaves at most what one slice has for later', async () => {
    const left: number[] = []
    const written = Promise.withResolvers<boolean>()
    const connection = await respondWith(async (response) => {
      response.writeHead(200, { 'Content-Length': LARGE })
      const run = (work: () => void): void => {
        work()
        left.push(response.writableLength)
      }
      const writer = new ResponseWriter(response, { looks: looks.every, turns: { run } })
      await writer.write(new Uint8Array(1_000))
      written.resolve(await writer.write(new Uint8Array(LARGE - 1_000)))
      response.end()
    })
    connection.socket.resume()
    expect(await written.promise).to.equal(true)
    expect(left[0], 'a new connection takes a small piece at once').to.equal(0)
    expect(Math.max(...left)).to.be.at.most(512 * 1024)
  })

  it('tells that one has gone', async () => {
    const written = Promise.withResolvers<boolean>()
    const connection = await respondWith(async (response) => {
      written.resolve(await new ResponseWriter(response).write(new Uint8Array(LARGE)))
    })
    connection.socket.destroy()
    expect(await written.promise).to.equal(false)
  })

  it('holds up nobody else, and is logged as client_abort when it goes', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    const archive = anArchive({ payloadBytes: LARGE })
    await server.publish(archive)
    const slow = await RawConnection.open(server.port)
    slow.socket.pause()
    slow.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually('the slow transfer has begun', () => server.traffic.transfers === 1)
    const quick = await fetch(`${server.url}/models/shop`)
    expect((await quick.arrayBuffer()).byteLength).to.equal(archive.length)
    await eventually('the slow transfer alone goes on', () => server.traffic.transfers === 1)
    slow.socket.destroy()
    const line = await eventually('it is logged', () => lines.find(({ event }) => event === 'client_abort'))
    expect(line).to.include({ outcome: 'aborted', model: 'shop', release: 1 })
  })
})
