import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { newProcessName } from '../../../protocol/process-name.ts'
import { echoSchema, TEST_ARCHIVE_SIZES } from '../../../protocol/echo.ts'
import { RecentTransfers } from '../../../server/http/echo/recent-transfers.ts'
import { echoArchive } from '../../../server/http/echo/echo-archive.ts'
import { eventually } from '../../support/eventually.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('GET /api/v1/models/shop/echo', () => {
  it('is for whoever may pull any tag of the model, and nobody else', async () => {
    const { request } = await aServer({ pullToken: 'pull-secret', publishToken: 'publish-secret' })
    const { body } = await request
      .post('/api/v1/tokens')
      .set('Authorization', 'Bearer publish-secret')
      .send({ name: 'a-bot', allow: ['pull:shop@production'] })
    const bot = `Bearer ${(body as { secret: string }).secret}`
    const statusAt = async (model: string): Promise<number> =>
      (await request.get(`/api/v1/models/${model}/echo`).set('Authorization', bot)).status
    expect(await statusAt('shop')).to.equal(200)
    expect(await statusAt('kiosk')).to.equal(403)
    expect((await request.get('/api/v1/models/shop/echo')).status).to.equal(401)
  })

  it('says how a request arrived, without what may be secret', async () => {
    const { request } = await aServer({ pullToken: 'pull-secret', publishToken: 'publish-secret' })
    const { status, body, headers } = await request
      .get('/api/v1/models/shop/echo?token=pull-secret&instance=pod-3')
      .set('If-None-Match', '"a tag"')
      .set('X-Forwarded-For', '192.0.2.7')
      .set('X-Api-Key', 'secret of a proxy')
      .set('Cookie', 'session=secret')
    expect(status).to.equal(200)
    const echo = echoSchema.parse(body)
    expect(echo.parameters).to.deep.equal(['token', 'instance'])
    expect(echo.fields).to.include({ 'if-none-match': '"a tag"', 'x-forwarded-for': '192.0.2.7' })
    expect(echo.otherFields).to.include.members(['x-api-key', 'cookie'])
    expect(JSON.stringify(body)).to.not.contain('secret')
    expect([echo.peer, echo.client, echo.transfer]).to.deep.equal(['127.0.0.1', '127.0.0.1', null])
    expect(headers['cache-control']).to.equal('no-store')
  })

  it('says which address it takes for the client', async () => {
    const { request } = await aServer({ env: { SLIPWAY_TRUST_PROXY: '1' } })
    const { body } = await request.get('/api/v1/models/shop/echo').set('X-Forwarded-For', '192.0.2.7')
    expect(body).to.include({ peer: '127.0.0.1', client: '192.0.2.7' })
  })
})

describe('GET /api/v1/models/shop/echo/archive', () => {
  for (const size of ['small', 'medium'] as const) {
    it(`is sound gzip of exactly the ${size} size, with the digest that is announced`, async () => {
      const { url } = await aServer()
      const answer = await fetch(`${url}/api/v1/models/shop/echo/archive?size=${size}`)
      const body = Buffer.from(await answer.arrayBuffer())
      expect(body.length).to.equal(TEST_ARCHIVE_SIZES[size])
      expect(answer.headers.get('etag')).to.equal(`"${digestOf(body)}"`)
      expect(answer.headers.get('content-length')).to.equal(String(body.length))
      expect(gunzipSync(body).length).to.be.greaterThan(0)
    })
  }

  it('takes exactly the sizes that it says', async () => {
    const { request } = await aServer()
    for (const size of ['0', '1000', 'huge', '']) {
      const { status, body } = await request.get(`/api/v1/models/shop/echo/archive?size=${size}`)
      expect([status, (body as { code: string }).code]).to.deep.equal([400, 'invalid-parameter'])
    }
    const { status, headers } = await request.head('/api/v1/models/shop/echo/archive?size=large')
    expect([status, headers['content-length']]).to.deep.equal([200, String(TEST_ARCHIVE_SIZES.large)])
  })

  it('answers as a model is answered: a tag for each process, 304, a part, 412', async () => {
    const { request, fleet, url } = await aServer()
    const process = newProcessName()
    const address = '/api/v1/models/shop/echo/archive?size=medium'
    const { status, headers } = await request.get(address).set('If-None-Match', process)
    expect(status).to.equal(200)
    const tag = String(headers['etag'])
    expect(tag).to.match(new RegExp(`^"[0-9a-f]{64}\\.${process}"$`))
    expect(headers).to.include({
      'content-type': 'application/gzip',
      'cache-control': 'private, no-cache, no-transform',
      'x-accel-buffering': 'no',
      filename: 'slipway-doctor.tar.gz',
    })
    const again = await request.get(address).set('If-None-Match', tag)
    expect([again.status, again.headers['etag']]).to.deep.equal([304, tag])
    const read = async (headers: Record<string, string>): Promise<Buffer> =>
      Buffer.from(await (await fetch(url + address, { headers })).arrayBuffer())
    const part = await read({ Range: 'bytes=65530-65600' })
    expect(part.equals((await read({})).subarray(65_530, 65_601))).to.equal(true)
    expect((await request.get(address).set('If-Match', '"other"')).status).to.equal(412)
    expect([...fleet.memory.records()], 'whoever asks is no bot').to.have.length(0)
  })

  it('tells afterwards what became of a transfer', async () => {
    const { url, request, port } = await aServer()
    const stateOf = async (id: string): Promise<unknown> =>
      ((await request.get(`/api/v1/models/shop/echo?transfer=${id}`)).body as { transfer: unknown }).transfer
    const taken = newProcessName()
    await (await fetch(`${url}/api/v1/models/shop/echo/archive?size=small&transfer=${taken}`)).arrayBuffer()
    expect(await stateOf(taken)).to.equal('sent')
    const broken = newProcessName()
    const bot = await RawConnection.open(port)
    bot.socket.pause()
    bot.send(
      `GET /api/v1/models/shop/echo/archive?size=large&transfer=${broken} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    )
    await eventually('it is being sent', async () => (await stateOf(broken)) === 'sending')
    bot.socket.resetAndDestroy()
    await eventually('it is seen to break off', async () => (await stateOf(broken)) === 'aborted')
  })
})

describe('RecentTransfers', () => {
  it('remembers the last two hundred, whatever names clients make up', () => {
    const transfers = new RecentTransfers()
    for (let index = 0; index < 1000; index++) transfers.note(String(index), 'sending')
    expect(transfers.find('0')).to.equal(undefined)
    expect(transfers.find('799')).to.equal(undefined)
    expect(transfers.find('800')).to.equal('sending')
    transfers.note('800', 'sent')
    expect([transfers.find('800'), transfers.find('801')]).to.deep.equal(['sent', 'sending'])
  })
})

describe('echoArchive', () => {
  it('is another one as the other edition, of the same size', async () => {
    const { request } = await aServer()
    const tagOf = async (edition: string): Promise<unknown> =>
      (await request.head('/api/v1/models/shop/echo/archive').set('Slipway-Edition', edition)).headers['etag']
    expect(await tagOf('0')).to.equal(await tagOf('anything else'))
    expect(await tagOf('1')).to.not.equal(await tagOf('0'))
  })

  for (const size of [1000, 65_558, 65_559, 65_560, 131_098, 1_000_003]) {
    it(`is sound gzip of exactly ${size} bytes, whole and in parts`, async () => {
      const archive = await echoArchive(size)
      const read = async (range?: { start: number; length: number }): Promise<Buffer> =>
        buffer((await archive.open('', range)).chunks)
      const whole = await read()
      expect([whole.length, digestOf(whole)]).to.deep.equal([size, archive.release.digest])
      expect(gunzipSync(whole).length).to.be.greaterThan(0)
      for (const [start, length] of [
        [0, 1],
        [9, 7],
        [500, 300],
        [size - 1, 1],
        [0, size],
      ] as const)
        expect((await read({ start, length })).equals(whole.subarray(start, start + length))).to.equal(true)
    })
  }

  it('is the same for the same size, and another for another', async () => {
    const [one, same, other] = await Promise.all([echoArchive(5000), echoArchive(5000), echoArchive(5001)])
    expect(one.release.digest).to.equal(same.release.digest)
    expect(one.release.digest).to.not.equal(other.release.digest)
  })
})
