import { readdir } from 'node:fs/promises'
import { expect } from 'chai'
import { deletedModelSchema } from '../../../protocol/model-deletion.ts'
import type { Target } from '../../../server/fleet/process-record.ts'
import { poll, POD } from '../../fleet/facts.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'
import { aServer } from '../../support/server-under-test.ts'
import { eachOf } from './each-of.ts'

const SHOP = '/api/v1/models/shop'

describe('deleting a model', () => {
  it('takes its releases and tags, tells so, and gives none of its numbers again', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    await publish(anArchive(), { query: 'tag=production' })
    await publish(anArchive(), { model: 'bank' })
    const { status, body } = await request.delete(`${SHOP}?force=true`)
    expect(status).to.equal(200)
    expect(deletedModelSchema.strict().parse(body)).to.deep.include({
      model: 'shop',
      dryRun: false,
      releases: 2,
      bots: [],
      needsForce: true,
      nextNumber: 3,
    })
    expect(body.tags).to.have.members(['latest', 'production'])
    for (const path of [SHOP, `${SHOP}/releases/1`, `${SHOP}/tags/production`])
      expect((await request.get(path)).body.code, path).to.equal('model-not-found')
    expect((await request.get('/models/shop')).status).to.equal(404)
    expect((await request.get('/models/shop@production')).status).to.equal(404)
    expect(eachOf((await request.get('/api/v1/models')).body, 'model')).to.deep.equal(['bank'])
    expect((await request.get('/models/bank')).status).to.equal(200)
    expect((await publish(anArchive())).number).to.equal(3)
    const again = (await request.get(SHOP)).body as object
    expect(again).to.include({ releases: 1, latest: 3, defaultTag: 'latest' })
    const events = (await request.get('/api/v1/events?after=0').set('Accept', 'application/json')).body
    const told = (events as { items: { type: string; data: object }[] }).items.find(
      ({ type }) => type === 'model.deleted',
    )
    expect(told?.data).to.include({ releases: 2, deletedBy: 'anonymous' })
    const audit = (await request.get('/api/v1/audit?limit=1000')).body
    expect(eachOf(audit, 'action')).to.include.members(['tag.deleted', 'release.deleted', 'model.deleted'])
  })

  it('leaves the archives to the sweep, and those that another model has too', async () => {
    const { request, publish, dataDir } = await aServer()
    const bytes = anArchive()
    const { digest } = await publish(bytes)
    await publish(bytes, { model: 'bank' })
    await request.delete(SHOP).expect(200)
    expect((await request.get('/models/bank')).status).to.equal(200)
    expect(await readdir(`${dataDir}/blobs/sha256/${digest.slice(0, 2)}`)).to.deep.equal([digest])
  })

  it('is refused where people made tags, unless by force; a dry run tells that and deletes nothing', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive(), { query: 'tag=production' })
    const preview = await request.delete(`${SHOP}?dryRun=true`)
    expect([preview.status, preview.body.needsForce, preview.body.dryRun]).to.deep.equal([200, true, true])
    const refused = await request.delete(SHOP)
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'model-in-use'])
    expect(refused.body.detail).to.contain('production')
    expect((await request.get('/models/shop@production')).status).to.equal(200)
  })

  it('is refused where bots run it, and goes by force: its bots are answered 404 then', async () => {
    const { request, pollAll } = await aFleetOn(2)
    const refused = await request.delete(SHOP)
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'model-in-use'])
    expect(refused.body.detail).to.contain('pod-1, pod-2')
    const { status, body } = await request.delete(`${SHOP}?force=true`)
    expect([status, body.bots]).to.deep.equal([200, ['pod-1', 'pod-2']])
    expect(await pollAll()).to.deep.equal([404, 404])
  })

  it('is refused where the bot that runs it comes behind a thousand that run nothing', async () => {
    const { request, publish, fleet, clock } = await aServer()
    const { digest } = await publish(anArchive())
    const take = (instance: string, process: string, running: Target | null) =>
      fleet.take('shop', poll(running, process, { source: { ...POD, instance }, tag: 'latest' }), clock.now())
    for (let n = 0; n < 1000; n++) take(`invented-${n}`, n.toString(16).padStart(32, '0'), null)
    take('pod-1', 'f'.repeat(32), { release: 1, digest })
    const preview = await request.delete(`${SHOP}?dryRun=true`)
    expect([preview.body.bots, preview.body.needsForce]).to.deep.equal([['pod-1'], true])
    expect((await request.delete(SHOP)).body.code).to.equal('model-in-use')
  })

  it('counts it among the models no more', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    await publish(anArchive(), { model: 'bank' })
    await request.delete(SHOP).expect(200)
    expect((await request.get('/api/v1/overview')).body.models).to.equal(1)
    expect((await request.get('/api/v1/status')).body.models).to.equal(1)
    expect((await request.get('/metrics')).text).to.match(/^slipway_models 1$/m)
  })

  it('is refused while a rollout holds bots back, by force too', async () => {
    const { request } = await aFleetOn(2)
    await request
      .put(PRODUCTION)
      .send({ release: 2, policy: { steps: [1, '100%'] } })
      .expect(200)
    const refused = await request.delete(`${SHOP}?force=true`)
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'rollout-under-way'])
    expect((await request.get(PRODUCTION)).body.release).to.equal(1)
  })

  it('is refused where the model is not as If-Match says', async () => {
    const { request, publish } = await aServer()
    await publish(anArchive())
    const seen = (await request.get(SHOP)).headers['etag']
    await publish(anArchive())
    const refused = await request.delete(SHOP).set('If-Match', String(seen))
    expect([refused.status, refused.body.code]).to.deep.equal([412, 'precondition-failed'])
    const now = (await request.get(SHOP)).headers['etag']
    await request.delete(SHOP).set('If-Match', String(now)).expect(200)
    expect((await request.delete(SHOP)).body.code).to.equal('model-not-found')
  })

  it('takes as many releases as there are', async function () {
    this.timeout(60_000)
    const { request, publish } = await aServer()
    for (let number = 1; number <= 120; number++) await publish(anArchive())
    const { body } = await request.delete(SHOP)
    expect(body.releases).to.equal(120)
    expect((await publish(anArchive())).number).to.equal(121)
  })
})
