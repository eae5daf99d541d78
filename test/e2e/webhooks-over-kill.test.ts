import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import type { Webhook } from '../../protocol/webhook.ts'
import { aReceiver, type ReceivedMessage } from '../support/a-receiver.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const env = { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' }

async function addWebhook(server: string, url: string, fields: object = {}): Promise<Webhook> {
  const body = JSON.stringify({ url, events: ['release.published'], ...fields })
  const headers = { 'Content-Type': 'application/json' }
  const reply = await fetch(`${server}/api/v1/webhooks`, { method: 'POST', body, headers })
  expect(reply.status).to.equal(201)
  return (await reply.json()) as Webhook
}

async function publish(server: string, version: string, model = 'shop'): Promise<Release> {
  const body = Buffer.from(anArchive({ rasaVersion: version }))
  const reply = await fetch(`${server}/models/${model}`, { method: 'POST', body })
  expect(reply.status).to.equal(201)
  return (await reply.json()) as Release
}

/** The releases that messages tell of, without tests. */
const releasesIn = (messages: readonly ReceivedMessage[]): number[] =>
  messages
    .map(({ body }) => JSON.parse(body) as { type: string; data: { release: number } })
    .filter(({ type }) => type === 'release.published')
    .map(({ data }) => data.release)

describe('webhooks of a server that is killed', function () {
  // Each test starts two to four servers: on a busy machine some 15 s for each.
  this.timeout(300_000)

  it('are sent again what was on its way, under the same name', async () => {
    const folder = await temporaryDirectory()
    const receiver = await aReceiver(() => undefined)
    const server = await startServer({ folder, env })
    await addWebhook(server.url, receiver.url)
    await publish(server.url, '3.6.20')
    await eventually('it is on its way', () => receiver.received.length === 1)
    server.kill('SIGKILL')
    await server.ended
    receiver.answer = (_request, response) => response.end()
    await startServer({ folder, env })
    await eventually('it arrives', () => receiver.received.length === 2)
    const [first, again] = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(again).to.equal(first)
  })

  it('are sent once more what was taken and not written down yet, and then the rest in its order', async () => {
    const folder = await temporaryDirectory()
    const receiver = await aReceiver((request) => request.socket.destroy())
    const server = await startServer({ folder, env })
    await addWebhook(server.url, receiver.url)
    for (const version of ['3.6.18', '3.6.19', '3.6.20']) await publish(server.url, version)
    const taken: ReceivedMessage[] = []
    let catalog: Database.Database | undefined
    receiver.answer = (_request, response, message) => {
      if (message.body.includes('webhook.test')) {
        response.end()
        return
      }
      // Nobody writes to the catalog any more: the server learns that it was taken, and cannot keep it.
      catalog = new Database(path.join(folder, 'data/catalog.sqlite'))
      catalog.exec('begin immediate')
      taken.push(message)
      response.on('close', () => {
        server.kill('SIGKILL')
      })
      response.end()
    }
    await fetch(`${server.url}/api/v1/webhooks/1/test`, { method: 'POST' })
    await server.ended
    catalog?.exec('rollback')
    catalog?.close()
    receiver.answer = (_request, response, message) => {
      taken.push(message)
      response.end()
    }
    await startServer({ folder, env })
    await eventually('all arrive', () => taken.length === 4)
    expect(releasesIn(taken)).to.deep.equal([1, 1, 2, 3])
    const ids = taken.map(({ headers }) => headers['webhook-id'])
    expect(ids[1]).to.equal(ids[0])
    expect(new Set(ids).size).to.equal(3)
  })

  it('are sent all that happened, in its order, when the receiver is there at last', async () => {
    const folder = await temporaryDirectory()
    const absent = await aReceiver((request) => request.socket.destroy())
    let server = await startServer({ folder, env })
    await addWebhook(server.url, absent.url)
    for (const version of ['3.6.18', '3.6.19', '3.6.20']) {
      await publish(server.url, version)
      server.kill('SIGKILL')
      await server.ended
      server = await startServer({ folder, env })
    }
    absent.received.length = 0
    absent.answer = (_request, response) => response.end()
    // Nobody waits for the pause: a test that arrives has the rest sent at once.
    await fetch(`${server.url}/api/v1/webhooks/1/test`, { method: 'POST' })
    await eventually('all arrive', () => releasesIn(absent.received).length >= 3)
    expect(releasesIn(absent.received)).to.deep.equal([1, 2, 3])
  })
})

describe('a receiver that does not answer', () => {
  it('keeps no publish and no poll waiting', async () => {
    const receiver = await aReceiver(() => undefined)
    const { url } = await startServer({ env })
    await addWebhook(url, receiver.url, { events: ['release.published', 'bot.changed', 'tag.moved'] })
    await publish(url, '3.6.20')
    await eventually('it is on its way', () => receiver.received.length === 1)
    for (let model = 0; model < 10; model++) await publish(url, '3.6.20', `model-${model}`)
    const poll = await fetch(`${url}/models/shop`, {
      headers: { 'If-None-Match': '0f8fad5bd9cb469fa16570867728950e' },
    })
    expect(poll.status).to.equal(200)
    await poll.arrayBuffer()
    // Four at once, none of which was answered.
    expect(receiver.received.length).to.be.at.most(4)
  })
})
