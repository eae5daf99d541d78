import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect } from 'chai'
import { eventPageSchema } from '../../../protocol/event.ts'
import type { NewEvent } from '../../../server/catalog/events.ts'
import { aFleetApp, type FleetApp } from '../../support/fleet-app.ts'
import { eventually } from '../../support/eventually.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'
import { eachOf } from './each-of.ts'

function anEvent(kind: string, body: NewEvent['body'] = {}): NewEvent {
  return { at: 0, kind, model: 'shop', tag: 'production', bot: null, process: null, body }
}

async function add({ catalog }: FleetApp, ...events: NewEvent[]): Promise<void> {
  await catalog.writeShared((writer) => writer.addEvents(events))
}

/** Follows the events with a plain socket. */
async function follow({ url }: FleetApp, headers = ''): Promise<{ socket: Socket; text: () => string }> {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  afterThisTest(() => {
    socket.destroy()
  })
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)
  await eventually('it began', () => text.includes('retry:'))
  return { socket, text: () => text }
}

describe('the stream of events', () => {
  it('tells what happens from now on, with its id, its type and all of it', async () => {
    const app = await aFleetApp()
    await add(app, anEvent('tag.moved', { to: 7 }))
    const { text } = await follow(app)
    await add(app, anEvent('load-failed', { release: 8 }))
    await eventually('it was told', () => text().includes('data:'))
    expect(text()).to.match(/Content-Type: text\/event-stream/)
    expect(text()).to.match(
      /id: 2\nevent: load\.failed\ndata: \{"id":2,[^\n]+"kind":"load-failed"[^\n]+\}\n\n/,
    )
    expect(text()).to.not.include('tag.moved')
  })

  it('goes on behind the event that a client had last', async () => {
    const app = await aFleetApp()
    await add(app, ...[1, 2, 3].map((to) => anEvent('tag.moved', { to })))
    const { text } = await follow(app, 'Last-Event-ID: 1\r\n')
    await eventually('both were told', () => text().includes('id: 3'))
    expect(text()).to.include('id: 2\n').and.not.include('id: 1\n')
  })

  it('begins at the end for a client that knows events of another catalog', async () => {
    const app = await aFleetApp()
    const { text } = await follow(app, 'Last-Event-ID: 999\r\n')
    await add(app, anEvent('tag.moved', { to: 1 }))
    await eventually('it was told', () => text().includes('id: 1\n'))
  })

  it('is refused for a Last-Event-ID that is none', async () => {
    const { request } = await aFleetApp()
    const { status, body } = await request.get('/api/v1/events').set('Last-Event-ID', 'x')
    expect([status, body.code]).to.deep.equal([400, 'invalid-parameter'])
  })

  it('ends when the server stops', async () => {
    const app = await aFleetApp()
    const { socket } = await follow(app)
    const ended = once(socket, 'end')
    app.news.stop()
    await ended
  })

  it('sends a comment where nothing happens, so that no proxy ends it', async () => {
    const app = await aFleetApp({ heartbeat: 20 })
    const { text } = await follow(app)
    await eventually('two comments', () => text().split(':\n\n').length > 2)
  })

  it('is taken by a limited number of clients, and each that leaves makes room', async () => {
    const app = await aFleetApp()
    const followers = await Promise.all(Array.from({ length: 100 }, () => follow(app)))
    const refused = await app.request.get('/api/v1/events')
    expect([refused.status, refused.body.code]).to.deep.equal([503, 'overloaded'])
    followers[0]?.socket.destroy()
    await eventually('one has left', () => app.news.followers < 100)
    await follow(app)
  })
})

describe('events in pages', () => {
  it('are those behind a number, the oldest first', async () => {
    const app = await aFleetApp()
    await add(app, ...[1, 2, 3].map((to) => anEvent('tag.moved', { to })))
    const { status, body } = await app.request.get('/api/v1/events?after=0&limit=2')
    expect(status).to.equal(200)
    expect(eventPageSchema.parse(body)).to.deep.equal(body)
    expect([eachOf(body, 'id'), body.next]).to.deep.equal([[1, 2], 2])
    const rest = (await app.request.get('/api/v1/events?after=2')).body
    expect([eachOf(rest, 'id'), rest.next]).to.deep.equal([[3], null])
  })

  it('are refused behind what is no number', async () => {
    const { request } = await aFleetApp()
    expect((await request.get('/api/v1/events?after=-1')).status).to.equal(400)
  })
})
