import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { writeBytes } from '../../../server/http/pull/write-bytes.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

/** More than the buffers of a loopback connection take. */
const LARGE = 16 * 1024 * 1024

/** The kernel's buffers make a slow reader's progress come in leaps of megabytes. */
const SLICE_TIME = 3_000

/** The whole takes longer than a slice may, and each slice much less. */
const BYTES_PER_MILLISECOND = 8_000

async function respondWith(work: (response: ServerResponse) => Promise<unknown>): Promise<RawConnection> {
  const server = createServer((_request, response) => void work(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  const connection = await RawConnection.open((server.address() as AddressInfo).port)
  connection.socket.pause()
  connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return connection
}

describe('writing to a reader', () => {
  it('ends the connection of one that takes no slice in its time', async () => {
    const written = Promise.withResolvers<boolean>()
    await respondWith(async (response) => {
      written.resolve(await writeBytes(response, new Uint8Array(LARGE), 50))
    })
    expect(await written.promise).to.equal(false)
  })

  it('waits for one that takes a slice in its time, however long the whole takes', async () => {
    const written = Promise.withResolvers<boolean>()
    const connection = await respondWith(async (response) => {
      response.writeHead(200, { 'Content-Length': 2 * LARGE })
      written.resolve(await writeBytes(response, new Uint8Array(2 * LARGE), SLICE_TIME))
    })
    const began = performance.now()
    let taken = 0
    const isAhead = (): boolean => taken > (performance.now() - began) * BYTES_PER_MILLISECOND
    connection.socket.on('data', (chunk) => {
      taken += chunk.length
      if (isAhead()) connection.socket.pause()
    })
    const sip = setInterval(() => {
      if (!isAhead()) connection.socket.resume()
    }, 5)
    const whole = await written.promise
    clearInterval(sip)
    expect(whole).to.equal(true)
    expect(performance.now() - began).to.be.greaterThan(SLICE_TIME)
  })

  it('tells that one has gone', async () => {
    const written = Promise.withResolvers<boolean>()
    const connection = await respondWith(async (response) => {
      written.resolve(await writeBytes(response, new Uint8Array(LARGE), 10_000))
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
