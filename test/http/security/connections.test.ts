import { expect } from 'chai'
import { limitTraffic } from '../../../server/composition/limit-traffic.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { headerOf, parseAnswer, rawExchange, RawConnection } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

const get = (path: string, close = true): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${close ? 'Connection: close\r\n' : ''}\r\n`

async function open(port: number, count: number, address = '127.0.0.1'): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  for (let number = 0; number < count; number++) connections.push(await RawConnection.open(port, address))
  afterThisTest(() => {
    for (const { socket } of connections) socket.destroy()
  })
  return connections
}

/** Silent connections, each opened a second after the one before. */
async function openSilent({ port, clock }: ServerUnderTest, count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  while (connections.length < count) {
    connections.push(...(await open(port, 1)))
    clock.advance(1_000)
  }
  return connections
}

describe('when as many connections are open as may be', () => {
  for (const [which, env] of [
    ['in all', { SLIPWAY_MAX_CONNECTIONS: '20', SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' }],
    ['from one address', { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' }],
  ] as const) {
    it(`${which}, silent ones make room, the oldest first: polls and probes are answered`, async () => {
      const server = await aServer({ env })
      await server.publish(anArchive())
      const silent = await openSilent(server, 60)
      for (const path of ['/livez', '/models/shop']) {
        expect((await rawExchange(server.port, get(path))).status, path).to.equal(200)
      }
      await Promise.all(silent.slice(0, 40).map((connection) => connection.closed()))
      silent.at(-1)?.send(get('/livez'))
      expect(parseAnswer((await silent.at(-1)?.closed()) ?? Buffer.of()).status).to.equal(200)
    })
  }

  it('those of other addresses stay, also after all had gone and came again', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' } })
    for (let time = 1; time <= 2; time++) {
      const others = await open(server.port, 15, '127.0.0.2')
      const silent = await openSilent(server, 60)
      await Promise.all(silent.slice(0, 40).map((connection) => connection.closed()))
      for (const connection of [...others, ...silent.slice(40)]) {
        connection.send(get('/livez'))
        expect(parseAnswer(await connection.closed()).status, `time ${time}`).to.equal(200)
      }
      await eventually('all have gone, but the one that asks', async () =>
        (await server.request.get('/metrics')).text.includes('\nslipway_connections 1\n'),
      )
    }
  })

  it('kept-alive ones stay while there are silent ones', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' } })
    const [kept] = await open(server.port, 1)
    kept?.send(get('/livez', false))
    await kept?.until('ok\n')
    await openSilent(server, 60)
    kept?.send(get('/readyz'))
    expect((await kept?.closed())?.toString().match(/HTTP\/1\.1 200/g)).to.have.length(2)
  })

  it('and all are busy, probes alone are answered, and others hear 503 with Retry-After', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' } })
    const busy = await open(server.port, 20)
    for (const connection of busy) {
      connection.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nx')
    }
    await eventually('all send', () => server.traffic.uploads === 20)
    expect((await rawExchange(server.port, get('/livez'))).status).to.equal(200)
    const refused = await rawExchange(server.port, get('/models/shop', false))
    expect([refused.status, headerOf(refused, 'Retry-After'), headerOf(refused, 'Connection')]).to.deep.equal(
      [503, '5', 'close'],
    )
    expect(refused.body.toString()).to.include('"code":"overloaded"')
    for (const { socket } of busy) socket.destroy()
    await eventually('the uploads have ended', () => server.traffic.uploads === 0)
  })

  it('silent ones make room also where more than may be open come at once', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' } })
    await server.publish(anArchive())
    // With 64 of them beyond the limit, there is no room for one more.
    const silent = await open(server.port, 84)
    for (let poll = 1; poll <= 10; poll++)
      expect((await rawExchange(server.port, get('/models/shop'))).status).to.equal(200)
    await Promise.all(silent.slice(0, 10).map((connection) => connection.closed()))
  })

  it('one that has just come is heard, not closed to make room for the next', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '20' } })
    for (const connection of await open(server.port, 20)) {
      connection.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nx')
    }
    await eventually('all send', () => server.traffic.uploads === 20)
    const young = await open(server.port, 10)
    // Connections are taken in their order: with this one the server has all ten, of which it has read nothing.
    expect((await rawExchange(server.port, get('/livez'))).status).to.equal(200)
    for (const connection of young) {
      connection.send(get('/models/shop'))
      const refused = parseAnswer(await connection.closed())
      expect([refused.status, headerOf(refused, 'Retry-After')]).to.deep.equal([503, '5'])
    }
  })

  it('a trusted proxy may have all there are', async () => {
    const env = { SLIPWAY_MAX_CONNECTIONS_PER_ADDRESS: '5', SLIPWAY_TRUST_PROXY: '127.0.0.1' }
    const server = await aServer({ env })
    const connections = await open(server.port, 20)
    for (const connection of connections) connection.send(get('/livez'))
    for (const connection of connections) {
      expect(parseAnswer(await connection.closed()).status).to.equal(200)
    }
  })
})

describe('when as many archives are on their way as may be', () => {
  it('one more download hears 503 with Retry-After, while polls in sync and HEAD are answered', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_DOWNLOADS: '1' } })
    const { digest } = await server.publish(aLargeArchive())
    const [reader] = await openUnread(server, 1)
    const refused = await server.request.get('/models/shop')
    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([503, '5'])
    expect(refused.body).to.include({ code: 'overloaded' })
    expect((await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)).status).to.equal(
      304,
    )
    expect((await server.request.head('/models/shop')).status).to.equal(200)
    expect(server.traffic.pulls).to.include({ overloaded: 1, unchanged: 1 })
    reader?.socket.destroy()
    await eventually('the download has ended', () => server.traffic.transfers === 0)
    expect((await server.request.get('/models/shop')).status).to.equal(200)
  })

  it('one address leaves downloads to others, however many it asks for and does not read', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_DOWNLOADS: '20' } })
    await server.publish(aLargeArchive())
    await openUnread(server, 16)
    for (const [address, status] of [
      ['127.0.0.1', 503],
      ['127.0.0.2', 200],
    ] as const) {
      const asking = await RawConnection.open(server.port, address)
      asking.send(get('/models/shop'))
      expect((await asking.answered()).status, address).to.equal(status)
      asking.socket.destroy()
    }
  })
})

/** More than the buffers of a loopback connection take: whoever does not read it is being sent it. */
function aLargeArchive(): Uint8Array {
  return anArchive({ payloadBytes: 16 * 1024 * 1024 })
}

/** Downloads whose readers read nothing. */
async function openUnread(server: ServerUnderTest, count: number): Promise<RawConnection[]> {
  const readers = await open(server.port, count)
  for (const reader of readers) {
    reader.socket.pause()
    reader.send(get('/models/shop'))
  }
  await eventually('all are being sent it', () => server.traffic.transfers === count)
  return readers
}

describe('the limits of traffic', () => {
  const set = { maxConnections: 10_000, maxConnectionsPerAddress: undefined, maxDownloads: 1_250 }

  it('are as they were set where there are descriptors enough', () => {
    expect(limitTraffic(set, 1_048_576)).to.deep.equal({
      connections: 10_000,
      connectionsPerAddress: 2_500,
      downloads: 1_250,
    })
  })

  it('leave room for the files of downloads, and connections for polls', () => {
    for (const descriptors of [60, 256, 1_024, 4_096]) {
      const { connections, connectionsPerAddress, downloads } = limitTraffic(set, descriptors)
      expect(downloads).to.be.below(connections)
      expect(connectionsPerAddress).to.be.below(connections)
      if (descriptors > 100) expect(connections + downloads).to.be.below(descriptors - 64)
    }
  })
})
