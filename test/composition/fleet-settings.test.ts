import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Tag } from '../../protocol/tag.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'

const BOT = '0123456789ab4def8123456789abcdef'
const DAY = 24 * 60 * 60_000

describe('what a server knows of bots', () => {
  let server: ServerUnderTest

  /** @returns what it is to send next: as Rasa does, the tag of what it was sent. */
  async function poll(
    tag: string,
    instance: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; tag: string }> {
    const address = `${server.url}/models/shop@production?instance=${encodeURIComponent(instance)}`
    const reply = await fetch(address, { headers: { 'If-None-Match': tag, ...headers } })
    await reply.arrayBuffer()
    return { status: reply.status, tag: reply.headers.get('etag') ?? '' }
  }

  /** A bot that loads what it is sent. */
  async function loads(process: string, instance: string): Promise<string> {
    const { tag } = await poll(process, instance)
    await eventually('it was sent', () => server.fleet.memory.find('shop', process)?.offer?.sentAt != null)
    server.clock.advance(100_000)
    expect((await poll(tag, instance)).status).to.equal(304)
    return tag
  }

  async function start(env: Record<string, string>): Promise<void> {
    server = await aServer({ env })
    await server.publish(anArchive(), { query: 'tag=production' })
  }

  async function processes(): Promise<{ process: string; bot: string }[]> {
    const { body } = await server.request.get('/api/v1/processes?limit=1000')
    return (body as { items: { process: string; bot: string }[] }).items
  }

  it('is of as many processes as SLIPWAY_MAX_PROCESSES says, whatever names polls invent; a bot that loaded something stays, and so does the tag', async () => {
    await start({ SLIPWAY_MAX_PROCESSES: '20' })
    await loads(BOT, 'pod-1')
    const readTag = async () => (await server.request.get('/api/v1/models/shop/tags/production')).body as Tag
    await eventually('its rollout has ended', async () => (await readTag()).rollout === null)
    const before = await readTag()
    const digest = server.fleet.memory.find('shop', BOT)?.digest ?? ''
    for (let turn = 0; turn < 60; turn++) {
      const name = randomUUID().replaceAll('-', '')
      const forged = [name, `"${'f'.repeat(64)}.${name}"`, `"${digest}.${name}"`][turn % 3]!
      const forwarded = { 'X-Forwarded-For': `203.0.113.${turn}`, Forwarded: `for=198.51.100.${turn}` }
      await poll(forged, `pod-${'9'.repeat(turn + 1)}`, { ...forwarded, 'Slipway-Poll': 'often' })
    }
    await server.fleet.save()
    const known = await processes()
    expect(known).to.have.length(20)
    expect(known.filter(({ process }) => process === BOT)).to.have.length(1)
    expect(await readTag()).to.deep.equal(before)
    expect((await server.request.get('/api/v1/bots?state=failing')).body.items).to.deep.equal([])
  })

  it('has no address from a field that no trusted proxy wrote', async () => {
    await start({})
    const process = randomUUID().replaceAll('-', '')
    const reply = await fetch(`${server.url}/models/shop@production`, {
      headers: { 'If-None-Match': process, 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.7' },
    })
    await reply.arrayBuffer()
    expect((await processes()).map(({ bot }) => bot)).to.deep.equal(['127.0.0.1'])
  })

  it('is forgotten, with what happened, after as many days of silence as SLIPWAY_FLEET_DAYS says', async () => {
    await start({ SLIPWAY_FLEET_DAYS: '2' })
    await loads(BOT, 'pod-1')
    await server.fleet.save()
    const events = async (): Promise<number> => {
      const { items } = (await server.request.get('/api/v1/events?after=0')).body as {
        items: { bot: string | null }[]
      }
      return items.filter(({ bot }) => bot === 'pod-1').length
    }
    server.clock.advance(1.9 * DAY)
    await server.fleet.forgetOld()
    expect([(await processes()).length, (await events()) > 0]).to.deep.equal([1, true])
    server.clock.advance(0.2 * DAY)
    await server.fleet.forgetOld()
    expect([(await processes()).length, await events()]).to.deep.equal([0, 0])
  })
})
