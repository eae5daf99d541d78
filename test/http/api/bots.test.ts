import { expect } from 'chai'
import { botDetailsSchema } from '../../../protocol/bot-details.ts'
import { botSchema } from '../../../protocol/bot.ts'
import { IMMEDIATE } from '../../../protocol/rollout-policy.ts'
import { pageSchema } from '../../../protocol/page.ts'
import { processSchema } from '../../../protocol/process.ts'
import { begun, NEW, OLD, poll, POD, processName, sent } from '../../fleet/facts.ts'
import { aFleetApp, type FleetApp } from '../../support/fleet-app.ts'
import { eachOf } from './each-of.ts'

const botPage = pageSchema('BotPage', botSchema)
const processPage = pageSchema('ProcessPage', processSchema)

/** pod-1 loaded release 7 and is loading 8; pod-2 and pod-3 run 7. */
async function aFleet(): Promise<FleetApp> {
  const app = await aFleetApp()
  app.take(poll(null), begun(OLD), sent(), poll(OLD), poll(OLD), begun(NEW), sent())
  for (const name of ['pod-2', 'pod-3']) {
    app.take(poll(OLD, processName(name.slice(-1)), { source: { ...POD, instance: name } }))
  }
  return app
}

describe('the list of bots', () => {
  it('says what each runs and does', async () => {
    const { request } = await aFleet()
    const { status, body } = await request.get('/api/v1/bots')
    expect(status).to.equal(200)
    expect(botPage.parse(body)).to.deep.equal(body)
    expect(eachOf(body, 'bot')).to.deep.equal(['pod-1', 'pod-2', 'pod-3'])
    expect(eachOf(body, 'state')).to.deep.equal(['loading', 'running', 'running'])
    expect(body.items[0].offered).to.include({ release: 8, attempt: 1 })
  })

  it('has only those that are asked for', async () => {
    const { request } = await aFleet()
    const names = async (query: string) => eachOf((await request.get(`/api/v1/bots?${query}`)).body, 'bot')
    expect(await names('state=loading')).to.deep.equal(['pod-1'])
    expect(await names('state=running&release=7&model=shop&tag=production')).to.deep.equal(['pod-2', 'pod-3'])
    expect(await names('model=other')).to.deep.equal([])
  })

  it('comes in pages, whose links keep what was asked for', async () => {
    const { request, url } = await aFleet()
    const first = await request.get('/api/v1/bots?limit=1&state=running')
    expect(eachOf(first.body, 'bot')).to.deep.equal(['pod-2'])
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(String(first.headers['link'])) ?? []
    const second = (await (await fetch(url + next)).json()) as { items: { bot: string }[]; next: null }
    expect([second.items.map(({ bot }) => bot), second.next]).to.deep.equal([['pod-3'], null])
  })

  it('comes in pages also where names are as long as they may be', async () => {
    const { request, take } = await aFleetApp()
    for (const [letter, character] of [
      ['a', '😀'],
      ['b', '🙂'],
    ] as const) {
      const instance = character.repeat(128)
      take(poll(OLD, processName(letter), { source: { ...POD, instance } }))
    }
    const first = await request.get('/api/v1/bots?limit=1')
    const second = await request.get('/api/v1/bots').query({ limit: 1, cursor: first.body.next })
    expect([second.status, eachOf(second.body, 'bot')]).to.deep.equal([200, ['🙂'.repeat(128)]])
    expect(botPage.parse(second.body)).to.deep.equal(second.body)
    const processes = await request.get('/api/v1/processes').query({ bot: '🙂'.repeat(128) })
    expect(eachOf(processes.body, 'process')).to.deep.equal([processName('b')])
  })

  for (const query of ['state=sleeping', 'release=0', 'release=x', 'model=A', 'limit=0', 'cursor=e30']) {
    it(`is refused with ${query}`, async () => {
      const { request } = await aFleetApp()
      const { status, body } = await request.get(`/api/v1/bots?${query}`)
      expect([status, body.code]).to.deep.equal([400, 'invalid-parameter'])
    })
  }
})

describe('one bot', () => {
  it('has its processes and what happened to it, the last first', async () => {
    const { request, catalog } = await aFleet()
    const event = { at: 0, model: 'shop', tag: 'production', bot: 'pod-1', process: processName('a') }
    await catalog.writeShared((writer) =>
      writer.addEvents([
        { ...event, kind: 'first-seen', body: {} },
        { ...event, kind: 'load-failed', body: { release: 8, reason: 'did not show it' } },
      ]),
    )
    const { status, body } = await request.get('/api/v1/bots/pod-1?model=shop')
    expect(status).to.equal(200)
    expect(botDetailsSchema.parse(body)).to.deep.equal(body)
    expect([body.bot, body.state, body.processes.length]).to.deep.equal(['pod-1', 'loading', 1])
    expect(eachOf({ items: body.timeline }, 'type')).to.deep.equal(['load.failed', 'bot.changed'])
    expect(body.timeline[0].data).to.deep.equal({
      kind: 'load-failed',
      release: 8,
      reason: 'did not show it',
    })
  })

  it('may have any name that a poll may give it', async () => {
    const { request, take } = await aFleetApp()
    take(poll(OLD, processName('a'), { source: { ...POD, instance: 'rack 4/böt?#1' } }))
    const address = `/api/v1/bots/${encodeURIComponent('rack 4/böt?#1')}?model=shop`
    expect((await request.get(address)).body.bot).to.equal('rack 4/böt?#1')
  })

  it('that nobody heard of is not found', async () => {
    const { request } = await aFleetApp()
    const { status, body } = await request.get('/api/v1/bots/pod-9?model=shop')
    expect([status, body.code]).to.deep.equal([404, 'bot-not-found'])
  })

  it('is asked for with its model', async () => {
    const { request } = await aFleetApp()
    expect((await request.get('/api/v1/bots/pod-1')).body.code).to.equal('invalid-parameter')
  })
})

describe('the list of processes', () => {
  it('has those of one bot where it is asked for', async () => {
    const { request } = await aFleet()
    const { body } = await request.get('/api/v1/processes?bot=pod-2')
    expect(processPage.parse(body)).to.deep.equal(body)
    expect(eachOf(body, 'process')).to.deep.equal([processName('2')])
  })
})

describe('whether users may be sent to a bot', () => {
  const ready = async ({ request }: FleetApp, bot: string) => {
    const { status, body } = await request.get(`/ready/${bot}?model=shop`)
    return { status, body }
  }

  it('is 503 with the reason while it loads, where its tag drains', async () => {
    const app = await aFleet()
    app.rollouts.setPolicy('shop', 'production', { ...IMMEDIATE, maxUpdating: 1, drain: 30 })
    expect(await ready(app, 'pod-1')).to.deep.equal({
      status: 503,
      body: { ready: false, reason: 'pod-1 is loading release 8' },
    })
  })

  it('is 200 for one that loads nothing, and where nothing is drained', async () => {
    const app = await aFleet()
    const yes = { status: 200, body: { ready: true } }
    expect(await ready(app, 'pod-1')).to.deep.equal(yes)
    app.rollouts.setPolicy('shop', 'production', { ...IMMEDIATE, maxUpdating: 1, drain: 30 })
    expect(await ready(app, 'pod-2')).to.deep.equal(yes)
  })

  it('is 200 for one that is not known', async () => {
    expect((await ready(await aFleetApp(), 'pod-9')).status).to.equal(200)
  })
})
