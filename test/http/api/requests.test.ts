import { expect } from 'chai'
import { problemSchema } from '../../../protocol/problem.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

const TAG = '/api/v1/models/shop/tags/production'

describe('requests that are wrong in themselves', () => {
  for (const [what, type, body, code] of [
    ['no body', 'application/json', '', 'media-type-unsupported'],
    ['no media type', '', '{"release":1}', 'media-type-unsupported'],
    ['a form', 'application/x-www-form-urlencoded', 'release=1', 'media-type-unsupported'],
    ['almost the media type', 'application/jsonp', '{"release":1}', 'media-type-unsupported'],
    ['no JSON', 'application/json', '{"release":', 'invalid-body'],
    ['another shape', 'application/json', '[]', 'invalid-body'],
    ['null', 'application/json', 'null', 'invalid-body'],
    ['a missing field', 'application/json', '{}', 'invalid-body'],
    ['a number as text', 'application/json', '{"release":"1"}', 'invalid-body'],
    ['no whole number', 'application/json', '{"release":1.5}', 'invalid-body'],
    ['an unknown field', 'application/json', '{"release":1,"forse":true}', 'invalid-body'],
    [
      'a reason beyond its length',
      'application/json',
      `{"release":1,"reason":"${'x'.repeat(1001)}"}`,
      'invalid-body',
    ],
    [
      'more than 64 KiB',
      'application/json',
      `{"release":1,"reason":"${'x'.repeat(70_000)}"}`,
      'invalid-body',
    ],
  ] as const) {
    it(`a body that is ${what}: ${code}`, async () => {
      const { url, request, publish } = await aServer()
      await publish(anArchive())
      const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type }
      const reply = await fetch(url + TAG, { method: 'PUT', headers, body: Buffer.from(body) })
      const problem = problemSchema.parse(await reply.json())
      expect(problem).to.include({ code, status: reply.status })
      expect(problem.detail).to.be.a('string').and.not.include('undefined')
      expect((await request.get(TAG)).status).to.equal(404)
    })
  }

  it('but not a body that arrives by itself, after the header', async () => {
    const { port, publish } = await aServer()
    await publish(anArchive())
    const connection = await RawConnection.open(port)
    const body = '{"release":1}'
    const fields = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue`
    connection.send(`PUT ${TAG} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n\r\n`)
    await connection.until('100 Continue')
    connection.send(body)
    expect(await connection.until('"movedAt"')).to.include('HTTP/1.1 201 Created')
    connection.socket.destroy()
  })

  it('a charset beside the media type is no harm', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const reply = await request
      .put(TAG)
      .set('Content-Type', 'application/json; charset=utf-8')
      .send('{"release":1}')
    expect(reply.status).to.equal(201)
  })

  it('a compressed body is refused', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const reply = await request.put(TAG).set('Content-Encoding', 'gzip').send({ release: 1 })
    expect(reply.body).to.include({ status: 415, code: 'content-encoding-unsupported' })
  })

  for (const path of [
    '/api/v1/models/Shop',
    '/api/v1/models/shop.tar.gz',
    '/api/v1/models/shop@production',
    `/api/v1/models/${'a'.repeat(65)}`,
    '/api/v1/models/..%2f',
    '/api/v1/models/%00',
    '/api/v1/models/shop/tags/Production',
    '/api/v1/models/shop/tags/a%20b',
  ]) {
    it(`${path.slice(0, 50)} has no name in it`, async () => {
      const { request } = await aServer()
      const { body } = await request.get(path)
      expect(body).to.include({ status: 400, code: 'invalid-name' })
    })
  }

  it('an address that is no percent-encoded text is refused', async () => {
    const { request } = await aServer()
    expect((await request.get('/api/v1/models/%E0%A4%A')).body).to.include({
      status: 400,
      code: 'bad-request',
    })
  })

  for (const [path, allowed] of [
    ['/api/v1/models', 'GET, HEAD'],
    ['/api/v1/models/shop', 'GET, HEAD, PATCH, DELETE'],
    ['/api/v1/models/shop/releases', 'GET, HEAD'],
    ['/api/v1/models/shop/releases/1', 'GET, HEAD, PATCH, DELETE'],
    ['/api/v1/models/shop/releases/1/archive', 'GET, HEAD'],
    ['/api/v1/models/shop/tags', 'GET, HEAD'],
    [TAG, 'GET, HEAD, PUT, DELETE, PATCH'],
    [`${TAG}/history`, 'GET, HEAD'],
    [`${TAG}/rollback`, 'POST'],
    ['/api/v1/status', 'GET, HEAD'],
    ['/models/shop', 'GET, HEAD, POST'],
    ['/models/shop@production', 'GET, HEAD'],
    ['/livez', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
  ] as const) {
    it(`${path} takes ${allowed}, and says so to all else`, async () => {
      const { request } = await aServer()
      for (const method of ['options', 'trace'] as const) {
        const { status, headers, body } = await request[method](path)
        expect([status, headers['allow']], method).to.deep.equal([405, allowed])
        if (method === 'options') expect(body.code).to.equal('method-not-allowed')
      }
    })
  }

  for (const path of [
    '/api',
    '/api/v1/nothing',
    '/api/v1/models/shop/',
    '/api/v1/models/shop/nothing',
    '/API/v1/models',
  ]) {
    it(`there is nothing at ${path}`, async () => {
      const { request } = await aServer()
      const { status, type, body } = await request.get(path)
      expect([status, type, body.code]).to.deep.equal([404, 'application/problem+json', 'not-found'])
    })
  }
})

describe('a query parameter that an address does not take', () => {
  it('is refused where something would change, and ignored where something is read', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const tag = '/api/v1/models/shop/tags/production'
    const promoted = await request.put(`${tag}?reson=none`).send({ release: 1 })
    expect([promoted.status, promoted.body.code]).to.deep.equal([400, 'invalid-parameter'])
    expect(promoted.body.detail).to.include('"reson"')
    expect((await request.delete(`${tag}?force=1`)).status).to.equal(400)
    expect((await request.get('/api/v1/models?utm=1')).status).to.equal(200)
    expect((await request.get('/models/shop?utm=1')).status).to.equal(200)
  })
})

describe('every answer', () => {
  it('carries the id that the request came with', async () => {
    const { request } = await aServer()
    for (const path of ['/api/v1/models', '/api/v1/models/nowhere', '/nothing', '/docs']) {
      const { headers } = await request.get(path).set('X-Request-Id', 'build-42')
      expect(headers['x-request-id'], path).to.equal('build-42')
    }
  })

  it('draws an id where none came, or one that is no good in logs', async () => {
    const { request } = await aServer()
    for (const sent of ['', 'a b', 'x'.repeat(65)]) {
      const { headers, body } = await request.get('/api/v1/models/nowhere').set('X-Request-Id', sent)
      expect(headers['x-request-id']).to.match(/^[0-9a-f]{16}$/)
      expect(body.instance).to.equal(`urn:slipway:request:${String(headers['x-request-id'])}`)
    }
  })

  it('that is a problem is not to be kept', async () => {
    const { request } = await aServer()
    expect((await request.get('/nothing')).headers).to.include({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })

  it('to HEAD is as to GET, without content', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    for (const path of ['/api/v1/models', TAG, '/api/v1/models/nowhere']) {
      const [get, head] = [await request.get(path), await request.head(path)]
      expect(head.status, path).to.equal(get.status)
      for (const name of ['content-type', 'content-length', 'etag']) {
        expect(head.headers[name], `${name} of ${path}`).to.equal(get.headers[name])
      }
    }
  })
})
