import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { ObjectNotFound, StoreFailed, StoreUnavailable } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { FailingReads } from '../../support/failing-reads.ts'
import { keptLog } from '../../support/log-lines.ts'
import { parseAnswer, rawExchange, RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

const archive = anArchive({ payloadBytes: 300_000 })

function ioError(syscall: string, code = 'EIO'): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall })
}

describe('a pull while the storage fails', () => {
  const faults: [what: string, error: Error, status: number, code: string, event: string][] = [
    ['the blob is missing', new ObjectNotFound('x'), 503, 'blob-missing', 'blob_missing'],
    [
      'the disk fails',
      new StoreFailed('no', { cause: ioError('read') }),
      500,
      'storage-failed',
      'blob_read_error',
    ],
    ['the store does not answer', new StoreUnavailable('no'), 503, 'storage-unavailable', 'store_error'],
    [
      'no descriptor is left',
      new StoreUnavailable('no', { cause: ioError('open', 'EMFILE') }),
      503,
      'storage-unavailable',
      'fd_exhausted',
    ],
  ]
  for (const [what, error, status, code, event] of faults) {
    it(`is answered ${status} ${code} and logged as ${event} where ${what}`, async () => {
      const store = new FailingReads()
      const { logger, lines } = keptLog()
      const server = await aServer({ store, logger })
      const { digest } = await server.publish(archive)
      store.onOpen = error
      const answer = await server.request.get('/models/shop')
      const problem = answer.body as Problem
      expect([answer.status, problem.code]).to.deep.equal([status, code])
      expect(answer.headers).to.not.have.any.keys('etag', 'filename', 'accept-ranges')
      if (status === 503) expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0)
      expect(JSON.stringify(problem)).to.not.match(/EIO|EMFILE|\/tmp|at /)
      const fault = lines.find(({ msg }) => msg === event)
      expect(fault).to.include({ code, model: 'shop', digest, level: 50 })
      expect(problem.instance).to.equal(`urn:slipway:request:${String(fault?.['request'])}`)
    })
  }

  it('is told of as a fault once, however many pulls meet a store that does not answer', async () => {
    const store = new FailingReads()
    const { logger, lines } = keptLog()
    const server = await aServer({ store, logger })
    await server.publish(archive)
    store.onOpen = new StoreUnavailable('no')
    for (let pull = 0; pull < 3; pull++)
      expect((await server.request.get('/models/shop')).status).to.equal(503)
    expect(lines.filter(({ level, msg }) => level === 50 && msg === 'store_error')).to.have.length(1)
    const refused = lines.filter(({ code, status }) => code === 'storage-unavailable' && status === 503)
    expect(refused).to.have.length(3)
  })

  it('is a 500 where the first bytes cannot be read: no header was sent yet', async () => {
    const store = new FailingReads()
    const server = await aServer({ store })
    await server.publish(archive)
    store.onRead = { afterBytes: 0, error: new StoreFailed('no', { cause: ioError('read') }) }
    const answer = await server.request.get('/models/shop')
    expect([answer.status, (answer.body as Problem).code]).to.deep.equal([500, 'storage-failed'])
  })

  it('breaks the connection where later bytes cannot be read: never a short 200', async () => {
    const store = new FailingReads()
    const server = await aServer({ store })
    await server.publish(archive)
    store.onRead = { afterBytes: 200_000, error: new StoreFailed('no', { cause: ioError('read') }) }
    const answer = await rawExchange(server.port, 'GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(answer.status).to.equal(200)
    expect(answer.body.length).to.be.within(1, 200_000)
    expect(answer.body.equals(archive.subarray(0, answer.body.length))).to.equal(true)
    const failure = await fetch(`${server.url}/models/shop`)
      .then((response) => response.arrayBuffer())
      .catch((error: unknown) => error)
    expect(failure).to.be.an('error')
  })

  for (const sizeError of [-1, 1]) {
    it(`is a 503 where the blob has ${sizeError} byte more than was published: connections stay in step`, async () => {
      const store = new FailingReads()
      const { logger, lines } = keptLog()
      const server = await aServer({ store, logger })
      await server.publish(archive)
      store.sizeError = sizeError
      const answer = await server.request.get('/models/shop')
      expect([answer.status, (answer.body as Problem).code]).to.deep.equal([503, 'blob-damaged'])
      expect(lines.map(({ msg }) => msg)).to.include('bitrot')
    })
  }

  it('still answers whoever has the archive already', async () => {
    const store = new FailingReads()
    const server = await aServer({ store })
    const { digest } = await server.publish(archive)
    store.onOpen = new StoreFailed('no')
    const answer = await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)
    expect(answer.status).to.equal(304)
  })

  it('writes nothing into an archive when nonsense follows its request', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    const large = anArchive({ payloadBytes: 8_000_000 })
    await server.publish(large)
    const connection = await RawConnection.open(server.port)
    connection.socket.once('data', () => connection.socket.pause())
    connection.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await connection.answered()
    expect(server.traffic.transfers).to.equal(1)
    connection.send('this is no request\r\n\r\n')
    await eventually('the nonsense was read', () => lines.some(({ msg }) => msg === 'request_unreadable'))
    connection.socket.resume()
    const { status, body } = parseAnswer(await connection.closed())
    expect(status).to.equal(200)
    expect(body.equals(large.subarray(0, body.length))).to.equal(true)
  })
})
