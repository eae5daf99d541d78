import { expect } from 'chai'
import { timelineSchema } from '../../../protocol/timeline.ts'
import { begun, MINUTE, NEW, OLD, poll, POD, processName, sent, START } from '../../fleet/facts.ts'
import { aRelease } from '../../support/a-release.ts'
import { aFleetApp, type FleetApp } from '../../support/fleet-app.ts'
import { eachOf } from './each-of.ts'

/** pod-1 has run release 7 for long, pod-2 loads 8 ten minutes later. */
async function aFleet(): Promise<FleetApp> {
  const app = await aFleetApp()
  await app.catalog.write('shop', async (writer) => {
    await writer.ensureModel('shop', '2026-11-01T08:00:00.000Z')
    for (let number = 1; number <= OLD.release; number++) {
      const digest = number === OLD.release ? OLD.digest : number.toString(16).repeat(64)
      await writer.insertRelease(aRelease({ digest }))
    }
  })
  app.take(poll(null), begun(OLD), sent(), poll(OLD))
  app.clock.advance(10 * MINUTE)
  const pod2 = { source: { ...POD, instance: 'pod-2' } }
  const name = processName('b')
  app.take(poll(null, name, pod2), begun(NEW, name), sent(name), poll(NEW, name, pod2))
  return app
}

describe('the timeline of a model', () => {
  const path = '/api/v1/models/shop/timeline'

  it('says what each bot runs, or ran at a moment', async () => {
    const { request } = await aFleet()
    const { status, body } = await request.get(path)
    expect(status).to.equal(200)
    expect(timelineSchema.parse(body)).to.deep.equal(body)
    expect([eachOf(body, 'bot'), eachOf(body, 'release')]).to.deep.equal([
      ['pod-1', 'pod-2'],
      [7, 8],
    ])
    const at = new Date(START + 5 * MINUTE).toISOString()
    expect(eachOf((await request.get(`${path}?at=${at}`)).body, 'bot')).to.deep.equal(['pod-1'])
  })

  it('comes in pages, which tell of the moment of the first', async () => {
    const { request, clock, take } = await aFleet()
    const { body: first, headers } = await request.get(`${path}?limit=1`)
    expect([eachOf(first, 'bot'), first.next]).to.deep.equal([['pod-1'], first.next as string])
    expect(headers['link']).to.include('limit=1').and.to.include(first.next)
    clock.advance(10 * MINUTE)
    take(
      poll(null, processName('c'), { source: { ...POD, instance: 'pod-3' } }),
      begun(OLD, processName('c')),
    )
    const { body: last } = await request.get(`${path}?limit=9&cursor=${first.next as string}`)
    expect(timelineSchema.parse(last)).to.deep.equal(last)
    expect([eachOf(last, 'bot'), last.next, last.at]).to.deep.equal([['pod-2'], null, first.at])
    const beyondTime = Buffer.from(JSON.stringify({ at: 9e15, bot: 'pod-1' })).toString('base64url')
    for (const cursor of ['x', beyondTime]) {
      const refused = await request.get(`${path}?cursor=${cursor}`)
      expect([refused.status, refused.body.code], cursor).to.deep.equal([400, 'invalid-parameter'])
    }
  })

  it('is refused for what is no moment, and for a model that is not there', async () => {
    const { request } = await aFleet()
    expect((await request.get(`${path}?at=yesterday`)).body).to.include({ code: 'invalid-parameter' })
    expect((await request.get('/api/v1/models/none/timeline')).body).to.include({ code: 'model-not-found' })
  })
})

describe('the bots of a release', () => {
  it('are those that run it', async () => {
    const { request } = await aFleet()
    const { body } = await request.get('/api/v1/models/shop/releases/7/bots')
    expect(eachOf(body, 'bot')).to.deep.equal(['pod-1'])
    expect((await request.get('/api/v1/models/shop/releases/99/bots')).body).to.include({
      code: 'release-not-found',
    })
  })
})
