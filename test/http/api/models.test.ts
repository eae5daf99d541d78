import { expect } from 'chai'
import { modelSchema } from '../../../protocol/model.ts'
import { statusSchema } from '../../../protocol/status.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer } from '../../support/server-under-test.ts'
import { eachOf } from './each-of.ts'

describe('models', () => {
  it('are none at first', async () => {
    const { request } = await aServer()
    expect((await request.get('/api/v1/models')).body).to.deep.equal({ items: [], next: null })
  })

  it('are made by their first publish', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    await publish(anArchive())
    const { status, body } = await request.get('/api/v1/models/shop')
    expect([status, body]).to.deep.equal([
      200,
      {
        model: 'shop',
        defaultTag: 'latest',
        releases: 2,
        latest: 2,
        signatures: null,
        quota: null,
        bytes: null,
        createdAt: '2026-12-01T08:00:00.000Z',
      },
    ])
    modelSchema.strict().parse(body)
  })

  it('are listed newest first, in pages', async () => {
    const { request, publish, clock } = await aServer()
    for (const model of ['c', 'b', 'a']) {
      await publish(anArchive(), { model })
      clock.advance(1)
    }
    const first = await request.get('/api/v1/models?limit=2')
    expect(eachOf(first.body, 'model')).to.deep.equal(['a', 'b'])
    const second = await request.get(`/api/v1/models?limit=2&cursor=${String(first.body.next)}`)
    expect(eachOf(second.body, 'model')).to.deep.equal(['c'])
    expect(second.body.next).to.equal(null)
  })

  it('that are not there are 404', async () => {
    const { request } = await aServer()
    for (const path of ['', '/tags', '/tags/production', '/releases']) {
      const { body } = await request.get(`/api/v1/models/nowhere${path}`)
      expect(body, path).to.include({ status: 404, code: 'model-not-found' })
    }
  })
})

describe('the default tag', () => {
  it('is what a pull without a tag means, from the next poll on', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    await publish(anArchive())
    const { status, body } = await request.patch('/api/v1/models/shop').send({ defaultTag: 'production' })
    expect([status, body.defaultTag]).to.deep.equal([200, 'production'])
    expect((await request.head('/models/shop')).headers['slipway-release']).to.equal('1')
    expect((await request.head('/models/shop@latest')).headers['slipway-release']).to.equal('2')
  })

  it('is changed only where the settings are as If-Match says; releases do not matter', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    const etag = String((await request.get('/api/v1/models/shop')).headers['etag'])
    await publish(anArchive())
    const change = (defaultTag: string) =>
      request.patch('/api/v1/models/shop').set('If-Match', etag).send({ defaultTag })
    const { status, headers } = await change('production')
    expect(status).to.equal(200)
    expect(headers['etag']).to.not.equal(etag)
    const { body } = await change('latest')
    expect(body).to.include({ status: 412, code: 'precondition-failed' })
    expect((await request.get('/api/v1/models/shop')).body.defaultTag).to.equal('production')
  })

  it('must exist', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const { body } = await request.patch('/api/v1/models/shop').send({ defaultTag: 'production' })
    expect(body).to.include({ status: 422, code: 'default-tag-missing', tag: 'production' })
    expect((await request.get('/api/v1/models/shop')).body.defaultTag).to.equal('latest')
  })

  it('may be latest again', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    for (const defaultTag of ['production', 'latest']) {
      const { body } = await request.patch('/api/v1/models/shop').send({ defaultTag })
      expect(body.defaultTag).to.equal(defaultTag)
    }
  })

  it('of a model that is not there is refused', async () => {
    const { request } = await aServer()
    const { body } = await request.patch('/api/v1/models/nowhere').send({ defaultTag: 'latest' })
    expect(body).to.include({ status: 404, code: 'model-not-found' })
  })
})

describe('the status', () => {
  it('has exactly the fields that are described', async () => {
    const { request, publish } = await aServer({ freeBytes: () => 1_000_000_000 })
    await publish(anArchive())
    const { status, body } = await request.get('/api/v1/status')
    expect(status).to.equal(200)
    expect(statusSchema.strict().parse(body)).to.include({
      models: 1,
      freeBytes: 1_000_000_000,
      transfers: 0,
    })
  })
})
