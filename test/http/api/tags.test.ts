import { expect } from 'chai'
import { IMMEDIATE } from '../../../protocol/rollout-policy.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { eachOf } from './each-of.ts'

const TAGS = '/api/v1/models/shop/tags'
const PRODUCTION = `${TAGS}/production`

/** A server whose model shop has releases 1 to `count`. */
async function aServerWithReleases(count: number): Promise<ServerUnderTest> {
  const server = await aServer()
  for (let number = 1; number <= count; number++) await server.publish(anArchive())
  return server
}

describe('promoting', () => {
  it('creates a tag: 201, with its address, its entity tag and all that is known of it', async () => {
    const { request } = await aServerWithReleases(2)
    const reply = await request.put(PRODUCTION).send({ release: 1, reason: 'tried at home' })
    expect([reply.status, reply.headers['location']]).to.deep.equal([201, PRODUCTION])
    expect(reply.headers['etag']).to.match(/^"[^"]+"$/)
    expect(reply.body).to.deep.equal({
      model: 'shop',
      tag: 'production',
      from: null,
      release: 1,
      digest: (await request.get('/api/v1/models/shop/releases/1')).body.digest,
      movedAt: '2026-12-01T08:00:00.000Z',
      movedBy: 'anonymous',
      reason: 'tried at home',
      policy: IMMEDIATE,
      rollout: { id: '3', state: 'running', step: 0, to: 1 },
    })
    const read = await request.get(PRODUCTION)
    expect([{ ...read.body, from: null }, read.headers['etag']]).to.deep.equal([
      reply.body,
      reply.headers['etag'],
    ])
  })

  it('moves a tag that is there: 200, with another entity tag', async () => {
    const { request } = await aServerWithReleases(2)
    const created = await request.put(PRODUCTION).send({ release: 1 })
    const moved = await request.put(PRODUCTION).send({ release: 2 })
    expect([moved.status, moved.body.release, moved.body.reason]).to.deep.equal([200, 2, null])
    expect(moved.headers['etag']).to.not.equal(created.headers['etag'])
  })

  it('there and back gives another entity tag than before: whoever compares sees that it moved', async () => {
    const { request } = await aServerWithReleases(2)
    const first = await request.put(PRODUCTION).send({ release: 1 })
    await request.put(PRODUCTION).send({ release: 2 })
    const back = await request.put(PRODUCTION).send({ release: 1 })
    expect(back.headers['etag']).to.not.equal(first.headers['etag'])
  })

  it('to where it is already changes nothing, and adds nothing to the history', async () => {
    const { request } = await aServerWithReleases(1)
    const created = await request.put(PRODUCTION).send({ release: 1 })
    const again = await request.put(PRODUCTION).send({ release: 1, reason: 'to be sure' })
    expect([again.status, again.body]).to.deep.equal([200, { ...created.body, from: 1 }])
    expect((await request.get(`${PRODUCTION}/history`)).body.items).to.have.length(1)
  })

  it('is seen by the next poll', async () => {
    const { request } = await aServerWithReleases(2)
    await request.put(PRODUCTION).send({ release: 1 })
    expect((await request.head('/models/shop@production')).headers['slipway-release']).to.equal('1')
    await request.put(PRODUCTION).send({ release: 2 })
    expect((await request.head('/models/shop@production')).headers['slipway-release']).to.equal('2')
  })

  it('to a release that is not there is refused, and creates no tag', async () => {
    const { request } = await aServerWithReleases(1)
    const reply = await request.put(PRODUCTION).send({ release: 2 })
    expect([reply.status, reply.body.code]).to.deep.equal([404, 'release-not-found'])
    expect((await request.get(PRODUCTION)).body).to.include({ code: 'tag-not-found' })
  })

  it('latest is refused: it moves by itself', async () => {
    const { request } = await aServerWithReleases(2)
    const reply = await request.put(`${TAGS}/latest`).send({ release: 1 })
    expect([reply.status, reply.body.code]).to.deep.equal([409, 'tag-reserved'])
    expect((await request.get(`${TAGS}/latest`)).body.release).to.equal(2)
  })
})

describe('promoting on a condition', () => {
  it('happens where If-Match names the tag as it is', async () => {
    const { request } = await aServerWithReleases(2)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    const etag = String(headers['etag'])
    const reply = await request.put(PRODUCTION).set('If-Match', `"other", ${etag}`).send({ release: 2 })
    expect([reply.status, reply.body.release]).to.deep.equal([200, 2])
  })

  it('is refused where the tag was moved meanwhile, and says where it is', async () => {
    const { request } = await aServerWithReleases(3)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    await request.put(PRODUCTION).send({ release: 2 })
    const reply = await request.put(PRODUCTION).set('If-Match', String(headers['etag'])).send({ release: 3 })
    expect([reply.status, reply.body.code, reply.body.release]).to.deep.equal([412, 'precondition-failed', 2])
    expect((await request.get(PRODUCTION)).body.release).to.equal(2)
  })

  it('is refused where If-Match is weak: only the strong comparison counts (RFC 9110 §13.1.1)', async () => {
    const { request } = await aServerWithReleases(2)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    const reply = await request
      .put(PRODUCTION)
      .set('If-Match', `W/${String(headers['etag'])}`)
      .send({ release: 2 })
    expect(reply.status).to.equal(412)
  })

  it('If-Match: * wants the tag to be there', async () => {
    const { request } = await aServerWithReleases(2)
    expect((await request.put(PRODUCTION).set('If-Match', '*').send({ release: 1 })).status).to.equal(412)
    await request.put(PRODUCTION).send({ release: 1 })
    expect((await request.put(PRODUCTION).set('If-Match', '*').send({ release: 2 })).status).to.equal(200)
  })

  it('If-None-Match: * creates, and never moves', async () => {
    const { request } = await aServerWithReleases(2)
    const create = (release: number) => request.put(PRODUCTION).set('If-None-Match', '*').send({ release })
    expect((await create(1)).status).to.equal(201)
    const again = await create(2)
    expect([again.status, again.body.code, again.body.release]).to.deep.equal([412, 'tag-exists', 1])
  })

  it('lets one of many win who saw the same', async () => {
    const { request } = await aServerWithReleases(5)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    const replies = await Promise.all(
      [2, 3, 4, 5].map((release) =>
        request.put(PRODUCTION).set('If-Match', String(headers['etag'])).send({ release }),
      ),
    )
    expect(replies.map(({ status }) => status).sort()).to.deep.equal([200, 412, 412, 412])
    const winner = replies.find(({ status }) => status === 200)
    expect({ ...(await request.get(PRODUCTION)).body, from: 1 }).to.deep.equal(winner?.body)
  })
})

describe('reading tags', () => {
  it('answers 304 to whoever has it already', async () => {
    const { request } = await aServerWithReleases(1)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    const etag = String(headers['etag'])
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const reply = await request.get(PRODUCTION).set('If-None-Match', held)
      expect([reply.status, reply.text, reply.headers['etag']], held).to.deep.equal([304, '', etag])
    }
    expect((await request.get(PRODUCTION).set('If-None-Match', '"other"')).status).to.equal(200)
  })

  it('lists all, the last moved first', async () => {
    const { request } = await aServerWithReleases(2)
    await request.put(PRODUCTION).send({ release: 1 })
    await request.put(`${TAGS}/staging`).send({ release: 2 })
    await request.put(PRODUCTION).send({ release: 2 })
    const { body } = await request.get(TAGS)
    expect(eachOf(body, 'tag')).to.deep.equal(['production', 'staging', 'latest'])
    expect(body.next).to.equal(null)
  })
})

describe('deleting a tag', () => {
  it('takes it away, and keeps its history', async () => {
    const { request } = await aServerWithReleases(1)
    await request.put(PRODUCTION).send({ release: 1 })
    const reply = await request.delete(PRODUCTION)
    expect([reply.status, reply.text]).to.deep.equal([204, ''])
    expect((await request.get(PRODUCTION)).body).to.include({ code: 'tag-not-found' })
    expect((await request.get('/models/shop@production')).body).to.include({ code: 'no-release-tagged' })
    const [last] = (await request.get(`${PRODUCTION}/history`)).body.items
    expect(last).to.include({ from: 1, to: null, movedBy: 'anonymous' })
  })

  it('is refused for the default tag', async () => {
    const { request } = await aServerWithReleases(1)
    await request.put(PRODUCTION).send({ release: 1 })
    await request.patch('/api/v1/models/shop').send({ defaultTag: 'production' })
    const reply = await request.delete(PRODUCTION)
    expect([reply.status, reply.body.code]).to.deep.equal([409, 'tag-is-default'])
  })

  it('is refused for latest', async () => {
    const { request } = await aServerWithReleases(1)
    const reply = await request.delete(`${TAGS}/latest`)
    expect([reply.status, reply.body.code]).to.deep.equal([409, 'tag-reserved'])
  })

  it('is refused where If-Match names it as it was', async () => {
    const { request } = await aServerWithReleases(2)
    const { headers } = await request.put(PRODUCTION).send({ release: 1 })
    await request.put(PRODUCTION).send({ release: 2 })
    expect((await request.delete(PRODUCTION).set('If-Match', String(headers['etag']))).status).to.equal(412)
  })
})

describe('the history of a tag', () => {
  it('tells who moved it when, from where, to where and why, the last move first', async () => {
    const { request, clock } = await aServerWithReleases(2)
    await request.put(PRODUCTION).send({ release: 1 })
    clock.advance(60_000)
    await request.put(PRODUCTION).send({ release: 2, reason: 'answers more' })
    const { body } = await request.get(`${PRODUCTION}/history`)
    const common = { model: 'shop', tag: 'production', movedBy: 'anonymous' }
    expect(body).to.deep.equal({
      items: [
        { ...common, from: 1, to: 2, movedAt: '2026-12-01T08:01:00.000Z', reason: 'answers more' },
        { ...common, from: null, to: 1, movedAt: '2026-12-01T08:00:00.000Z', reason: null },
      ],
      next: null,
      rollbackTo: 1,
    })
  })

  it('says that nothing is before, as a rollback would', async () => {
    const { request } = await aServerWithReleases(2)
    const read = async () => (await request.get(`${PRODUCTION}/history`)).body.rollbackTo as unknown
    await request.put(PRODUCTION).send({ release: 1 })
    expect(await read()).to.equal(null)
    await request.put(PRODUCTION).send({ release: 2 })
    expect(await read()).to.equal(1)
    expect((await request.post(`${PRODUCTION}/rollback`)).status).to.equal(200)
    expect(await read()).to.equal(null)
    expect((await request.delete(PRODUCTION)).status).to.equal(204)
    expect(await read()).to.equal(null)
  })

  it('comes in pages that link to each other', async () => {
    const { request } = await aServerWithReleases(3)
    for (const release of [1, 2, 3]) await request.put(PRODUCTION).send({ release })
    const first = await request.get(`${PRODUCTION}/history?limit=2`)
    expect(eachOf(first.body, 'to')).to.deep.equal([3, 2])
    const [, next = ''] = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link'])) ?? []
    const second = await request.get(next)
    expect(eachOf(second.body, 'to')).to.deep.equal([1])
    expect([second.body.next, second.headers['link']]).to.deep.equal([null, undefined])
  })

  it('of a tag that never was is refused', async () => {
    const { request } = await aServerWithReleases(1)
    expect((await request.get(`${PRODUCTION}/history`)).body).to.include({ code: 'tag-not-found' })
  })
})

describe('rolling back', () => {
  const rollBack = ({ request }: ServerUnderTest, body?: object) =>
    request.post(`${PRODUCTION}/rollback`).send(body)

  it('goes to where the tag was before', async () => {
    const server = await aServerWithReleases(3)
    for (const release of [1, 3]) await server.request.put(PRODUCTION).send({ release })
    const reply = await rollBack(server)
    const reason = 'anonymous rolled back to release 1, which aborted the rollout of 3'
    expect([reply.status, reply.body.release, reply.body.reason]).to.deep.equal([200, 1, reason])
    // The second part tells of the rollout, which ends by itself meanwhile.
    const positionOf = ({ headers }: { headers: Record<string, string> }) => headers['etag']?.split('.')[0]
    expect(positionOf(await server.request.get(PRODUCTION))).to.equal(positionOf(reply))
  })

  it('twice goes two steps back, never to the bad release again', async () => {
    const server = await aServerWithReleases(3)
    for (const release of [1, 2, 3]) await server.request.put(PRODUCTION).send({ release })
    expect((await rollBack(server)).body.release).to.equal(2)
    expect((await rollBack(server)).body.release).to.equal(1)
    const reply = await rollBack(server)
    expect([reply.status, reply.body.code]).to.deep.equal([409, 'nothing-to-roll-back'])
  })

  it('says that what was undone by going back is none to go back to', async () => {
    const server = await aServerWithReleases(2)
    for (const release of [1, 2, 1]) await server.request.put(PRODUCTION).send({ release })
    const reply = await rollBack(server)
    expect([reply.status, reply.body.code]).to.deep.equal([409, 'nothing-to-roll-back'])
    expect(reply.body.detail).to.contain('was undone by going back')
  })

  it('goes to a release that is named, and says why', async () => {
    const server = await aServerWithReleases(3)
    for (const release of [1, 2, 3]) await server.request.put(PRODUCTION).send({ release })
    const reply = await rollBack(server, { release: 1, reason: 'it answers nothing' })
    expect(reply.body).to.include({ release: 1, reason: 'it answers nothing' })
  })

  it('passes over releases that were deleted', async () => {
    const server = await aServerWithReleases(3)
    for (const release of [1, 2, 3]) await server.request.put(PRODUCTION).send({ release })
    expect((await server.request.delete('/api/v1/models/shop/releases/2')).status).to.equal(204)
    expect((await rollBack(server)).body.release).to.equal(1)
  })

  it('takes latest back too, until the next publish', async () => {
    const { request, publish } = await aServerWithReleases(2)
    const reply = await request.post(`${TAGS}/latest/rollback`)
    expect([reply.status, reply.body.release]).to.deep.equal([200, 1])
    expect((await request.head('/models/shop')).headers['slipway-release']).to.equal('1')
    await publish(anArchive())
    expect((await request.get(`${TAGS}/latest`)).body.release).to.equal(3)
  })

  it('of a tag that is not there is refused', async () => {
    const server = await aServerWithReleases(1)
    expect((await rollBack(server)).body).to.include({ code: 'tag-not-found', status: 404 })
  })

  it('is refused where If-Match names the tag as it was', async () => {
    const server = await aServerWithReleases(2)
    const { headers } = await server.request.put(PRODUCTION).send({ release: 1 })
    await server.request.put(PRODUCTION).send({ release: 2 })
    expect((await rollBack(server).set('If-Match', String(headers['etag']))).status).to.equal(412)
  })
})
