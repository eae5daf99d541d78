import { expect } from 'chai'
import { releaseSchema, releaseSummarySchema } from '../../../protocol/release.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'
import { eachOf } from './each-of.ts'

const RELEASES = '/api/v1/models/shop/releases'

describe('reading releases', () => {
  it('shows one with all that inspection learned, as it was told when it was published', async () => {
    const { request, publish } = await aServer()
    const published = await publish(anArchive(), { query: 'notes=more%20cake&filename=hot%20stew.tar.gz' })
    const { status, body } = await request.get(`${RELEASES}/1`)
    expect([status, body]).to.deep.equal([200, published])
    expect(body).to.include({ model: 'shop', number: 1, notes: 'more cake', publishedBy: 'anonymous' })
    expect(body.filename).to.equal('hot-stew.tar.gz')
    expect(body.archive).to.deep.include({ rasaVersion: '3.6.21', intents: ['goodbye', 'hello'] })
  })

  it('has exactly the fields that are described', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    releaseSchema.strict().parse((await request.get(`${RELEASES}/1`)).body)
    const { body } = await request.get(RELEASES)
    for (const item of body.items) releaseSummarySchema.strict().parse(item)
  })

  it('lists them newest first, without the long lists of the archive', async () => {
    const { request, publish } = await aServer()
    for (let count = 0; count < 3; count++) await publish(anArchive())
    const { body, headers } = await request.get(RELEASES)
    expect(eachOf(body, 'number')).to.deep.equal([3, 2, 1])
    expect(body.items[0].archive).to.include({ rasaVersion: '3.6.21' }).and.not.have.property('intents')
    expect([body.next, headers['link']]).to.deep.equal([null, undefined])
  })

  it('lists them in pages: each once, whatever is published meanwhile', async () => {
    const { request, publish } = await aServer()
    for (let count = 0; count < 5; count++) await publish(anArchive())
    const seen: number[] = []
    let next: string | undefined = `${RELEASES}?limit=2`
    while (next !== undefined) {
      const { body, headers } = await request.get(next)
      for (const { number } of body.items) seen.push(number)
      const [, link] = /^<([^>]+)>; rel="next"$/.exec(String(headers['link'])) ?? []
      expect(link).to.equal(
        body.next === null ? undefined : `${RELEASES}?limit=2&cursor=${String(body.next)}`,
      )
      next = link
      if (seen.length === 2) await publish(anArchive())
    }
    expect(seen).to.deep.equal([5, 4, 3, 2, 1])
  })

  it('ends a page early where its releases are large, and goes on in the next', async () => {
    const { request, publish } = await aServer()
    const notes = 'n'.repeat(9_000)
    for (let count = 0; count < 35; count++) await publish(anArchive(), { query: `notes=${notes}` })
    const { text, body } = await request.get(`${RELEASES}?limit=1000`)
    expect(text.length).to.be.within(200_000, 300_000)
    const rest = (await request.get(`${RELEASES}?limit=1000&cursor=${String(body.next)}`)).body
    expect([...eachOf(body, 'number'), ...eachOf(rest, 'number')]).to.deep.equal(
      Array.from({ length: 35 }, (_, index) => 35 - index),
    )
    expect(rest.next).to.equal(null)
  })

  for (const [what, path, code] of [
    ['of no model', '/api/v1/models/nowhere/releases', 'model-not-found'],
    ['of no model, by number', '/api/v1/models/nowhere/releases/1', 'model-not-found'],
    ['with no such number', `${RELEASES}/2`, 'release-not-found'],
    ['with no such number, its archive', `${RELEASES}/2/archive`, 'release-not-found'],
  ] as const) {
    it(`${what}: 404 ${code}`, async () => {
      const { request, publish } = await aServer()
      await publish(anArchive())
      expect((await request.get(path)).body).to.include({ status: 404, code })
    })
  }

  for (const number of ['0', '-1', '1.5', 'latest', '01', '1e3', '9'.repeat(16), '%31x']) {
    it(`takes no "${number}" for a number`, async () => {
      const { request } = await aServer()
      expect((await request.get(`${RELEASES}/${number}`)).body).to.include({
        status: 400,
        code: 'invalid-parameter',
      })
    })
  }

  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1.5',
    'limit=1&limit=2',
    'cursor=',
    'cursor=abc',
    'cursor=InNob3Ai',
  ]) {
    it(`refuses ?${query}`, async () => {
      const { request, publish } = await aServer()
      await publish(anArchive())
      const { body } = await request.get(`${RELEASES}?${query}`)
      expect(body).to.include({ status: 400, code: 'invalid-parameter' })
      expect(body.detail).to.match(new RegExp(`^${query.split('=')[0] ?? ''}: `))
    })
  }
})

describe('downloading a release', () => {
  it('gives exactly the bytes, to be kept for a year', async () => {
    const { url, publish } = await aServer()
    const archive = anArchive()
    const { digest } = await publish(archive)
    const reply = await fetch(`${url}${RELEASES}/1/archive`)
    expect(reply.status).to.equal(200)
    expect(archive.equals(Buffer.from(await reply.arrayBuffer()))).to.equal(true)
    expect(Object.fromEntries(reply.headers)).to.include({
      etag: `"${digest}"`,
      'cache-control': 'private, max-age=31536000, immutable',
      'content-type': 'application/gzip',
      'content-length': String(archive.length),
      'slipway-release': '1',
    })
  })

  it('answers 304, 206, 412 and 416 as a pull does', async () => {
    const { request, publish } = await aServer()
    const archive = anArchive()
    const { digest } = await publish(archive)
    const get = (fields: Record<string, string>) => request.get(`${RELEASES}/1/archive`).set(fields)
    expect((await get({ 'If-None-Match': `"${digest}"` })).status).to.equal(304)
    expect((await get({ 'If-Match': '"other"' })).status).to.equal(412)
    const part = await get({ Range: 'bytes=10-19' })
    expect([part.status, part.headers['content-range']]).to.deep.equal([206, `bytes 10-19/${archive.length}`])
    const beyond = await get({ Range: `bytes=${archive.length}-` })
    expect([beyond.status, beyond.headers['content-range']]).to.deep.equal([416, `bytes */${archive.length}`])
  })
})

describe('editing and deleting a release', () => {
  it('changes its notes, and nothing else', async () => {
    const { request, publish } = await aServer()
    const published = await publish(anArchive())
    const { status, body } = await request.patch(`${RELEASES}/1`).send({ notes: 'good with cake' })
    expect([status, body]).to.deep.equal([200, { ...published, notes: 'good with cake' }])
    expect((await request.get(`${RELEASES}/1`)).body).to.deep.equal(body)
  })

  it('deletes one that no tag points at; its number is never given again', async () => {
    const { request, publish } = await aServer()
    for (let count = 0; count < 2; count++) await publish(anArchive())
    const reply = await request.delete(`${RELEASES}/1`)
    expect([reply.status, reply.text]).to.deep.equal([204, ''])
    expect((await request.get(`${RELEASES}/1`)).body).to.include({ code: 'release-not-found' })
    expect((await request.delete(`${RELEASES}/1`)).body).to.include({
      status: 404,
      code: 'release-not-found',
    })
    expect((await publish(anArchive())).number).to.equal(3)
  })

  it('refuses to delete what a tag points at, and names the tags', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    const { body } = await request.delete(`${RELEASES}/1`)
    expect(body).to.include({ status: 409, code: 'release-in-use', tags: 'latest, production' })
    expect((await request.get(`${RELEASES}/1`)).status).to.equal(200)
  })
})
