import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { eventually } from '../../support/eventually.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { rawExchange } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('what a pull fetches', () => {
  it('is the release that the tag points at', async () => {
    const server = await aServer()
    const [one, two] = [anArchive(), anArchive()]
    await server.publish(one, { query: 'tag=production' })
    await server.publish(two, { query: 'tag=staging' })
    for (const [tag, archive] of [
      ['production', one],
      ['staging', two],
      ['latest', two],
    ] as const) {
      const { body, headers } = await server.request.get(`/models/shop@${tag}`).buffer().responseType('blob')
      expect((body as Buffer).equals(archive), tag).to.equal(true)
      expect(headers['etag']).to.equal(`"${digestOf(archive)}"`)
    }
  })

  it('is latest where no tag is named, and latest moves with each publish', async () => {
    const server = await aServer()
    for (const number of [1, 2, 3]) {
      const archive = anArchive()
      await server.publish(archive)
      const { headers } = await server.request.get('/models/shop')
      expect(headers).to.include({ etag: `"${digestOf(archive)}"`, 'slipway-release': String(number) })
    }
  })

  it('is the default tag where the model has another one', async () => {
    const server = await aServer()
    await server.publish(anArchive(), { query: 'tag=production' })
    await server.publish(anArchive())
    await server.request.patch('/api/v1/models/shop').send({ defaultTag: 'production' }).expect(200)
    const { headers } = await server.request.get('/models/shop')
    expect(headers['slipway-release']).to.equal('1')
    const latest = await server.request.get('/models/shop@latest')
    expect(latest.headers['slipway-release']).to.equal('2')
  })

  it('is the earlier release again after a rollback', async () => {
    const server = await aServer()
    const one = anArchive()
    await server.publish(one)
    const two = await server.publish(anArchive())
    await server.request.post('/api/v1/models/shop/tags/latest/rollback').expect(200)
    const answer = await server.request.get('/models/shop').set('If-None-Match', `"${two.digest}"`)
    expect([answer.status, answer.headers['etag']]).to.deep.equal([200, `"${digestOf(one)}"`])
  })

  it('keeps models apart', async () => {
    const server = await aServer()
    const mine = await server.publish(anArchive(), { model: 'mine' })
    await server.publish(anArchive(), { model: 'yours' })
    const { headers } = await server.request.get('/models/mine')
    expect(headers['etag']).to.equal(`"${mine.digest}"`)
  })
})

describe('the address of a pull', () => {
  const found = [
    '/models/shop',
    '/models/shop@latest',
    '/models/shop%40latest',
    '/models/%73hop',
    '/models/shop?instance=pod-7&x=%zz',
    '/models/shop?',
    '/models/shop@latest?a=b?c',
    'http://localhost/models/shop',
    'http://localhost:5080/models/shop@latest?x=1',
  ]
  for (const address of found) {
    it(`may be ${address}`, async () => {
      const server = await aServer()
      await server.publish(anArchive())
      const request = `GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
      expect((await rawExchange(server.port, request)).status).to.equal(200)
    })
  }

  const notFound = [
    '/models/',
    '/models/Shop',
    '/models/shop/',
    '/models/shop@',
    '/models/@latest',
    '/models/shop@@latest',
    '/models/shop@latest@x',
    '/models/shop@Latest',
    '/models/shop.tar.gz',
    '/models/-shop',
    '/models/%zz',
    '/models/%00',
    '/models/..%2f..%2fetc%2fpasswd',
    '/models/shop%2F..',
    `/models/${'a'.repeat(65)}`,
    '/models/__proto__',
    '/models/constructor',
    '/models/other',
    '/models/shop@other',
    '/models//shop',
    '//models/shop',
    '/Models/shop',
    '/models',
    '*',
  ]
  for (const address of notFound) {
    it(`is a 404 problem as ${address.length > 40 ? 'a name of 65 characters' : address}`, async () => {
      const server = await aServer()
      await server.publish(anArchive())
      const request = `GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
      const answer = await rawExchange(server.port, request)
      expect(answer.status).to.equal(404)
      expect((JSON.parse(answer.body.toString()) as Problem).code).to.match(/^(not-found|no-release-tagged)$/)
    })
  }

  it('takes no other methods than GET, HEAD and POST, and says so', async () => {
    const server = await aServer()
    for (const method of ['put', 'delete', 'patch', 'options'] as const) {
      const answer = await server.request[method]('/models/shop')
      expect([answer.status, answer.headers['allow']]).to.deep.equal([405, 'GET, HEAD, POST'])
    }
  })
})

describe('what is said of a pull elsewhere', () => {
  it('counts GET by how it ended, and HEAD never', async () => {
    const server = await aServer()
    const { digest } = await server.publish(anArchive())
    await server.request.get('/models/shop')
    await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)
    await server.request.get('/models/other')
    await server.request.get('/models/shop').set('If-Match', '"x"')
    await server.request.head('/models/shop')
    await server.request.head('/models/shop').set('If-None-Match', `"${digest}"`)
    await server.request.head('/models/other')
    expect(server.traffic.pulls).to.deep.equal({
      sent: 1,
      unchanged: 1,
      unknown: 1,
      refused: 1,
      aborted: 0,
      denied: 0,
      failed: 0,
      waiting: 0,
      overloaded: 0,
    })
  })

  it('logs one line a request, 304s for debug alone', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    const { digest } = await server.publish(anArchive())
    lines.length = 0
    await server.request.get('/models/shop')
    // A transfer is logged once its last byte has gone, which its reader may hear of first.
    await eventually('the transfer is logged', () => lines.length === 1)
    await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)
    await server.request.get('/models/other')
    expect(lines.map(({ level, status, outcome, path }) => [level, status, outcome, path])).to.deep.equal([
      [30, 200, 'sent', '/models/shop'],
      [20, 304, 'unchanged', '/models/shop'],
      [30, 404, undefined, '/models/other'],
    ])
    expect(lines[0]).to.include({ msg: 'request', model: 'shop', release: 1, digest, claim: 'unknown' })
  })
})

describe("Node's own fetch", () => {
  it('sees a 304, though it adds Cache-Control: no-cache by itself', async () => {
    const server = await aServer()
    const { digest } = await server.publish(anArchive())
    const answer = await fetch(`${server.url}/models/shop`, { headers: { 'If-None-Match': `"${digest}"` } })
    expect(answer.status).to.equal(304)
    expect(answer.headers.get('etag')).to.equal(`"${digest}"`)
  })
})
