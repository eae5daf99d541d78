import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

/** More than the buffers of a loopback connection take. */
const LARGE = 16 * 1024 * 1024

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

async function open(port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port)
  afterThisTest(() => connection.socket.destroy())
  return connection
}

describe('requests sent ahead on one connection', () => {
  it('take one download slot at a time', async () => {
    const server = await aServer({ env: { SLIPWAY_MAX_DOWNLOADS: '5' } })
    await server.publish(anArchive({ payloadBytes: LARGE }))
    const ahead = await open(server.port)
    ahead.socket.pause()
    ahead.send(get('/models/shop').repeat(100))
    await eventually('the first download has begun', () => server.traffic.transfers > 0)
    expect((await server.request.get('/models/shop').set('Range', 'bytes=0-0')).status).to.equal(206)
    await eventually('that one has ended', () => server.traffic.transfers === 1)
  })

  it('are all answered, in their order', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    const ahead = await open(server.port)
    const publish = `POST /models/other HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nbad`
    const paths = ['/livez', '/models/shop', '/nothing', '/models/shop@none', '/api/v1/models']
    ahead.send(paths.map(get).join('') + publish + get('/livez').repeat(50))
    const statuses = await eventually('all answers came', () => {
      const found = ahead.received.toString('latin1').match(/HTTP\/1\.1 \d+/g) ?? []
      return found.length === 56 ? found : undefined
    })
    expect(statuses.slice(0, 7).map((line) => Number(line.slice(9)))).to.deep.equal([
      200, 200, 404, 404, 200, 415, 200,
    ])
  })

  it('end the connection where they are more than anybody sends', async () => {
    const server = await aServer()
    const ahead = await open(server.port)
    ahead.send(get('/livez').repeat(3_000))
    await ahead.closed()
  })
})
