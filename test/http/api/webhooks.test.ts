import { expect } from 'chai'
import { Webhook } from 'standardwebhooks'
import { webhookDeliverySchema, webhookSchema, webhookTestSchema } from '../../../protocol/webhook.ts'
import { aReceiver } from '../../support/a-receiver.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { aClock } from '../../support/manual-clock.ts'
import { aServer, type ServerOptions } from '../../support/server-under-test.ts'

const WEBHOOKS = '/api/v1/webhooks'

/** A server that may send to loopback. */
const allowing = (options: ServerOptions = {}) =>
  // Receivers refuse signatures of other days.
  aServer({
    clock: aClock(Date.now()),
    ...options,
    env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1', ...options.env },
  })

describe('webhooks in the API', () => {
  it('are added with a secret that is told once, and an address that is not told again', async () => {
    const { request } = await aServer()
    const url = 'https://hooks.slack.com/services/T0/B0/secret?x=y'
    const { status, body, headers } = await request.post(WEBHOOKS).send({ url, format: 'slack', name: 'ops' })
    expect([status, headers['location']]).to.deep.equal([201, '/api/v1/webhooks/1'])
    const { secret, ...webhook } = body
    expect(secret).to.match(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(webhookSchema.parse(webhook)).to.deep.include({
      id: '1',
      name: 'ops',
      url: 'https://hooks.slack.com/…',
      format: 'slack',
      models: null,
      events: ['release.published', 'tag.moved', 'rollout.changed', 'blob.damaged', 'model.deleted'],
    })
    expect((await request.get('/api/v1/webhooks/1')).body).to.deep.equal(webhook)
    expect((await request.get(WEBHOOKS)).body).to.deep.equal({ items: [webhook], next: null })
    expect(JSON.stringify((await request.get(WEBHOOKS)).body)).to.not.include('/T0/')
  })

  it('are refused for an address that nothing may be sent to', async () => {
    const { request } = await aServer()
    for (const url of ['http://example.com/', 'https://127.0.0.1/', 'https://169.254.169.254/', 'nonsense']) {
      const { status, body } = await request.post(WEBHOOKS).send({ url })
      expect([status, body.code], url).to.deep.equal([422, 'webhook-target-refused'])
    }
    expect((await request.get(WEBHOOKS)).body.items).to.deep.equal([])
  })

  it('are refused for what is no type of event, no model and no field', async () => {
    const { request } = await aServer()
    const url = 'https://8.8.8.8/'
    for (const wrong of [{ events: ['x'] }, { events: [] }, { models: ['A'] }, { secret: 's' }, { url: 7 }]) {
      const { status, body } = await request.post(WEBHOOKS).send({ url, ...wrong })
      expect([status, body.code], JSON.stringify(wrong)).to.deep.equal([400, 'invalid-body'])
    }
  })

  it('are at most 20', async () => {
    const { request } = await aServer()
    for (let index = 0; index < 20; index++) {
      expect((await request.post(WEBHOOKS).send({ url: 'https://8.8.8.8/' })).status).to.equal(201)
    }
    const { status, body } = await request.post(WEBHOOKS).send({ url: 'https://8.8.8.8/' })
    expect([status, body.code]).to.deep.equal([422, 'too-many-webhooks'])
  })

  it('are changed in what is named, and removed', async () => {
    const { request } = await aServer()
    await request.post(WEBHOOKS).send({ url: 'https://8.8.8.8/a', name: 'ops', models: ['shop'] })
    const changed = await request
      .patch(`${WEBHOOKS}/1`)
      .send({ enabled: false, name: null, events: ['load.failed'] })
    expect(changed.body).to.deep.include({
      enabled: false,
      name: null,
      models: ['shop'],
      events: ['load.failed'],
      disabledReason: null,
    })
    expect(changed.body).to.not.have.property('secret')
    const refused = await request.patch(`${WEBHOOKS}/1`).send({ url: 'http://8.8.8.8/' })
    expect(refused.body.code).to.equal('webhook-target-refused')
    expect((await request.delete(`${WEBHOOKS}/1`)).status).to.equal(204)
    for (const id of ['1', '2', '0', '-1', 'x', '9'.repeat(30)]) {
      const { status, body } = await request.get(`${WEBHOOKS}/${id}`)
      expect([status, body.code], id).to.deep.equal([404, 'webhook-not-found'])
    }
  })

  it('are tested at once, with the answer of the receiver', async () => {
    const { request } = await allowing()
    const receiver = await aReceiver()
    const { body: added } = await request.post(WEBHOOKS).send({ url: receiver.url })
    const { status, body } = await request.post(`${WEBHOOKS}/1/test`)
    expect(status).to.equal(200)
    expect(webhookTestSchema.parse(body)).to.include({ delivered: true, status: 200, error: null })
    const [message = expect.fail()] = receiver.received
    const told = new Webhook(String(added.secret)).verify(
      message.body,
      message.headers as Record<string, string>,
    )
    expect(told).to.include({ type: 'webhook.test' })
    receiver.answer = (_request, response) => response.writeHead(404).end('no_service')
    expect((await request.post(`${WEBHOOKS}/1/test`)).body).to.include({
      delivered: false,
      status: 404,
      error: 'was answered 404: no_service',
    })
  })

  it('sign by the old secret, too, where a new one was drawn', async () => {
    const { request, clock } = await allowing()
    const receiver = await aReceiver()
    const { body: added } = await request.post(WEBHOOKS).send({ url: receiver.url })
    const { body: changed } = await request.patch(`${WEBHOOKS}/1`).send({ newSecret: true })
    expect(changed.secret).to.be.a('string').and.not.equal(added.secret)
    const signatures = async (): Promise<number> => {
      await request.post(`${WEBHOOKS}/1/test`)
      return String(receiver.received.at(-1)?.headers['webhook-signature']).split(' ').length
    }
    expect(await signatures()).to.equal(2)
    clock.advance(24 * 60 * 60_000)
    expect(await signatures()).to.equal(1)
  })

  it('have deliveries, page by page, of which only dead ones are sent again', async () => {
    const { request, publish } = await allowing()
    await request.post(WEBHOOKS).send({ url: 'https://8.8.8.8/' })
    await publish(anArchive())
    const first = await request.get(`${WEBHOOKS}/1/deliveries?limit=1`)
    expect(first.body.items).to.have.length(1)
    expect(webhookDeliverySchema.parse(first.body.items[0])).to.deep.equal(first.body.items[0])
    const rest = await request.get(`${WEBHOOKS}/1/deliveries?cursor=${first.body.next}`)
    expect((rest.body.items as object[]).at(-1)).to.include({
      type: 'release.published',
      state: 'waiting',
      text: 'shop: release 1 was published by anonymous.',
    })
    expect((await request.get(`${WEBHOOKS}/1/deliveries?state=dead`)).body.items).to.deep.equal([])
    const { id } = first.body.items[0]
    const waiting = await request.post(`${WEBHOOKS}/1/deliveries/${id}/retry`)
    expect([waiting.status, waiting.body.code]).to.deep.equal([409, 'delivery-state'])
    const missing = await request.post(`${WEBHOOKS}/1/deliveries/999/retry`)
    expect([missing.status, missing.body.code]).to.deep.equal([404, 'delivery-not-found'])
    expect((await request.get(`${WEBHOOKS}/7/deliveries`)).body.code).to.equal('webhook-not-found')
  })

  it('are sent what waits at once where they are enabled again, or lead elsewhere', async () => {
    const { request, publish, clock } = await allowing()
    await request.post(WEBHOOKS).send({ url: 'https://8.8.8.8/', events: ['release.published'] })
    await publish(anArchive())
    const isDueNow = async (change: object): Promise<boolean> => {
      clock.advance(60_000)
      await request.patch(`${WEBHOOKS}/1`).send(change)
      const { body } = await request.get(`${WEBHOOKS}/1`)
      return Date.parse(body.deliveries.nextAttemptAt as string) === clock.now()
    }
    expect(await isDueNow({ name: 'ops' })).to.equal(false)
    await request.patch(`${WEBHOOKS}/1`).send({ enabled: false })
    expect(await isDueNow({ enabled: true })).to.equal(true)
    expect(await isDueNow({ url: 'https://8.8.4.4/' })).to.equal(true)
  })

  it('are for the publish token alone', async () => {
    const { request } = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    const refused = await request.get(WEBHOOKS).set('Authorization', 'Bearer the-pull-token')
    expect(refused.status).to.equal(403)
  })

  it('are tested for nobody any more where the client has gone, which is no fault of the server', async () => {
    const { logger, lines } = keptLog()
    const { url, request } = await allowing({ logger })
    const receiver = await aReceiver(() => undefined)
    await request.post(WEBHOOKS).send({ url: receiver.url })
    const leaving = new AbortController()
    const asked = fetch(`${url}${WEBHOOKS}/1/test`, { method: 'POST', signal: leaving.signal })
    await eventually('the receiver is asked', () => receiver.received.length === 1)
    leaving.abort()
    await asked.catch(() => undefined)
    const line = await eventually('it is logged', () =>
      lines.find((each) => String(each['path']).endsWith('/test') && each.msg === 'request'),
    )
    expect(line).to.include({ outcome: 'aborted' })
    expect(lines.filter(({ level }) => level >= 50)).to.deep.equal([])
  })
})
