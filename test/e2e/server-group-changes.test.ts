import { expect } from 'chai'
import type { Event } from '../../protocol/event.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { withServerGroups, type GroupMember, type GroupUnderTest } from '../support/server-group.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const DEADLINE = 60_000
const TAG = '/api/v1/models/shop/tags/production'

describe('what one server of a group changes, another one knows', function () {
  this.timeout(180_000)
  const groups = withServerGroups()

  const twoServers = async (env: Record<string, string> = {}): Promise<[GroupMember, GroupMember]> => {
    const group = await groups.group()
    return [await group.compose({ env }), await group.compose({ env })]
  }

  /** Whose connections to the database go through a proxy. */
  const behindProxy = async (group: GroupUnderTest, env: Record<string, string> = {}) => {
    const proxy = await startFaultProxy(Number(new URL(group.database).port))
    afterThisTest(() => proxy.stop())
    const address = new URL(group.database)
    address.host = `127.0.0.1:${proxy.port}`
    return { proxy, compose: () => group.compose({ env: { ...env, DATABASE_URL: address.href } }) }
  }

  const botAt = ({ url }: GroupMember, name: string) => new PollingBot(`${url}/models/shop@production`, name)

  /** Bots that polls of any server show to run what the tag points at. @param at Where each polls now. */
  const runningBots = async (servers: readonly GroupMember[], names: readonly string[]) => {
    const at = new Map(names.map((name) => [name, servers[0]!]))
    const bots = names.map(
      (name) => new PollingBot(() => `${at.get(name)!.url}/models/shop@production`, name),
    )
    for (const server of servers) {
      for (const name of names) at.set(name, server)
      await eventually(
        'they run it',
        async () => (await Promise.all(bots.map((bot) => bot.poll()))).every((status) => status === 304),
        DEADLINE,
      )
    }
    const pollAt = (server: GroupMember, name: string) => {
      at.set(name, server)
      return bots[names.indexOf(name)]!.poll()
    }
    return { bots, pollAt }
  }

  const knows = (what: string, probe: () => Promise<boolean>) => eventually(what, probe, DEADLINE)

  const policyAt = async ({ call }: GroupMember) =>
    (await call('GET', TAG)).body['policy'] as Record<string, unknown>

  it('of a policy, by which it answers polls; a bot that drains is unready everywhere', async () => {
    const [one, two] = await twoServers()
    await one.publish('shop', '?tag=production')
    const { pollAt } = await runningBots([two, one], ['pod-1', 'pod-2'])
    const policy = { maxUpdating: 1, drain: 2 }
    expect((await one.call('PATCH', TAG, { policy })).status).to.equal(200)
    await two.publish()
    expect((await two.call('PUT', TAG, { release: 2 })).status).to.equal(200)
    await knows('the policy', async () => (await policyAt(two))['maxUpdating'] === 1)
    // It drains first, and the other one waits for its place, whomever it asks.
    await knows('it drains', async () => {
      expect(await pollAt(two, 'pod-1')).to.equal(304)
      return (await two.call('GET', '/ready/pod-1?model=shop')).status === 503
    })
    await knows(
      'it is unready',
      async () => (await one.call('GET', '/ready/pod-1?model=shop')).status === 503,
    )
    expect(await pollAt(one, 'pod-2')).to.equal(304)
    await knows('it has drained', async () => (await pollAt(one, 'pod-1')) === 200)
    expect(await pollAt(one, 'pod-2')).to.equal(304)
    expect(await pollAt(two, 'pod-1')).to.equal(304)
    await knows(
      'its place is free',
      async () => (await pollAt(two, 'pod-2')) === 200 || (await pollAt(one, 'pod-2')) === 200,
    )
  })

  it('of a pause, an abort, and an archive in quarantine', async () => {
    const [one, two] = await twoServers()
    const stable = await one.publish('shop', '?tag=production')
    const { bots, pollAt } = await runningBots([one, two], ['pod-1', 'pod-2'])
    await one.publish()
    const to = { release: 2, policy: { steps: [1, '100%'], attempts: 1 } }
    expect((await one.call('PUT', TAG, to)).status).to.equal(200)
    const { body } = await two.call('GET', '/api/v1/models/shop/rollouts')
    const [{ id }] = body['items'] as [{ id: string }]
    expect((await one.call('POST', `/api/v1/models/shop/rollouts/${id}/pause`)).status).to.equal(200)
    await knows('it is paused', async () => {
      const { body } = await two.call('GET', `/api/v1/models/shop/rollouts/${id}`)
      return body['state'] === 'paused'
    })
    expect([await pollAt(two, 'pod-1'), await pollAt(two, 'pod-2')]).to.deep.equal([304, 304])
    expect((await two.call('POST', `/api/v1/models/shop/rollouts/${id}/resume`)).status).to.equal(200)
    await knows('one of them has it', async () => {
      for (const name of ['pod-1', 'pod-2']) await pollAt(one, name)
      return bots.some(({ digest }) => digest !== stable)
    })
    expect((await one.call('POST', `/api/v1/models/shop/rollouts/${id}/abort`)).status).to.equal(200)
    await knows('they go back', async () => {
      for (const name of ['pod-1', 'pod-2']) await pollAt(two, name)
      return bots.every(({ digest }) => digest === stable)
    })

    const broken = await two.publish()
    for (const bot of bots) bot.unloadable.add(broken)
    const next = { release: 3, policy: { steps: [1, '100%'], attempts: 1 } }
    expect((await two.call('PUT', TAG, next)).status).to.equal(200)
    await knows('it is taken back', async () => {
      for (const name of ['pod-1', 'pod-2']) await pollAt(one, name)
      await Promise.all([one, two].map(({ server }) => server.judge.judgeAll()))
      return (await two.call('GET', '/api/v1/models/shop/releases/3')).body['quarantine'] !== null
    })
    for (const { call } of [one, two])
      expect(await call('PUT', TAG, { release: 3 })).to.deep.include({ status: 409 })
  })

  it('also one that is told to stop, as long as it answers polls, and hears no news', async () => {
    const group = await groups.group()
    const one = await group.compose()
    const { proxy, compose } = await behindProxy(group)
    proxy.inject({ kind: 'lose', text: 'listen slipway_news' })
    const stopping = await compose()
    await one.publish('shop', '?tag=production')
    const bot = botAt(stopping, 'pod-1')
    await knows('the release', async () => (await bot.poll()) === 200)
    await stopping.server.stop()
    const next = await one.publish('shop', '?tag=production')
    await knows('the next', async () => {
      await bot.poll()
      return bot.digest === next
    })
  })

  it('also that its administrator has the database read-only, until it is writable again', async () => {
    const group = await groups.group()
    const [one, two] = [await group.compose(), await group.compose()]
    const name = new URL(group.database).pathname.slice(1)
    const administrator = new URL(group.database)
    administrator.pathname = '/postgres'
    const alter = (how: string) =>
      administer(administrator.href, `alter database ${name} ${how} default_transaction_read_only`)
    const takesChanges = async ({ call }: GroupMember) =>
      (await call('GET', '/readyz')).body['writes'] !== false
    await one.publish('shop', '?tag=production')
    const bot = botAt(two, 'pod-1')
    await knows('the release', async () => (await bot.poll()) === 200)
    afterThisTest(() => alter('reset'))
    await administer(administrator.href, `alter database ${name} set default_transaction_read_only = on`)
    for (const server of [one, two]) {
      await knows('it is read-only', async () => !(await takesChanges(server)))
      const { status, body } = await server.call('PUT', TAG, { release: 1, reason: 'again' })
      expect({ status, ...body }).to.include({ status: 503, code: 'catalog-unavailable' })
      expect(body['detail']).to.contain('set read-only')
    }
    expect(await bot.poll()).to.equal(304)
    expect(await botAt(one, 'pod-2').poll()).to.equal(200)
    await alter('reset')
    for (const server of [one, two]) await knows('it is writable', () => takesChanges(server))
    await knows('a publish', () =>
      one.publish().then(
        () => true,
        () => false,
      ),
    )
  })

  it('of quotas and settings of a model', async () => {
    const [one, two] = await twoServers()
    await one.publish('shop', '?tag=production')
    await one.publish()
    const model = '/api/v1/models/shop'
    expect((await one.call('PATCH', model, { quota: { releases: 2 } })).status).to.equal(200)
    const refused = await two.publish().catch((error: unknown) => String(error))
    expect(refused).to.contain('409').and.to.contain('quota-exceeded')
    expect((await one.call('PATCH', model, { defaultTag: 'production' })).status).to.equal(200)
    const served = async () =>
      (await fetch(`${two.url}/models/shop`, { method: 'HEAD' })).headers.get('slipway-release')
    await knows('the default tag', async () => (await served()) === '1')
  })

  it('of a token that was revoked, also where it hears no news', async () => {
    const env = { SLIPWAY_PUBLISH_TOKEN: 'publishing', SLIPWAY_PULL_TOKEN: 'pulling' }
    const group = await groups.group()
    const one = await group.compose({ env })
    const { proxy, compose } = await behindProxy(group, env)
    proxy.inject({ kind: 'lose', text: 'listen slipway_news' })
    const deaf = await compose()
    const wanted = { name: 'ci', allow: ['admin'] }
    const { body } = await one.call('POST', '/api/v1/tokens', wanted, 'publishing')
    const isTaken = async ({ call }: GroupMember) =>
      (await call('GET', '/api/v1/models', undefined, body['secret'] as string)).status === 200
    await knows('the token', () => isTaken(deaf))
    expect((await one.call('DELETE', '/api/v1/tokens/ci', undefined, 'publishing')).status).to.equal(204)
    expect(await isTaken(one)).to.equal(false)
    await knows('that it was revoked', async () => !(await isTaken(deaf)))
    expect(proxy.strikes()).to.be.greaterThan(0)
  })

  /** Reads events as they come, until `enough`. */
  const stream = async (
    { url }: GroupMember,
    lastId: number,
    enough: (events: readonly Event[]) => boolean,
  ): Promise<Event[]> => {
    const ending = new AbortController()
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(lastId) }
    const answer = await fetch(`${url}/api/v1/events`, { headers, signal: ending.signal })
    expect(answer.status).to.equal(200)
    const events: Event[] = []
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) events.push(JSON.parse(data) as Event)
      }
      if (enough(events)) break
    }
    ending.abort()
    return events
  }

  it('of events: a stream goes on at another server with nothing missing and nothing twice', async () => {
    const servers = await twoServers()
    const [one, two] = servers
    let ends = false
    const publishing = servers.map(async ({ publish }, index) => {
      for (let number = 0; !ends && number < 200; number++) await publish(['shop', 'other'][index])
    })
    const seen: Event[] = []
    for (let turn = 0; turn < 6; turn++) {
      const at = turn % 2 === 0 ? one : two
      seen.push(...(await stream(at, seen.at(-1)?.id ?? 0, (events) => events.length >= 4)))
    }
    ends = true
    await Promise.all(publishing)
    const last = seen.at(-1)?.id ?? 0
    const { body } = await two.call('GET', '/api/v1/events?after=0&limit=1000')
    const all = (body['items'] as Event[]).map(({ id }) => id).filter((id) => id <= last)
    expect(seen.map(({ id }) => id)).to.deep.equal(all)
  })

  it('nothing of, for 5 s: it sends a bot that runs something nothing else, and takes no changes', async () => {
    const group = await groups.group()
    const one = await group.compose()
    const { proxy, compose } = await behindProxy(group)
    const cut = await compose()
    await one.publish('shop', '?tag=production')
    const [running, behind] = [botAt(cut, 'pod-1'), botAt(cut, 'pod-2')]
    await knows('the release', async () => (await running.poll()) === 200 || (await running.poll()) === 304)
    await behind.poll()
    const second = await one.publish('shop', '?tag=production')
    await knows('the next', async () => {
      await running.poll()
      return running.digest === second
    })
    proxy.inject({ kind: 'stall', direction: 'up', afterBytes: 0 })
    await knows('it is stale', async () => (await cut.call('GET', '/readyz')).body['writes'] === false)
    await one.publish('shop', '?tag=production')
    const { status, body } = await cut.call('GET', '/readyz')
    expect({ status, ...body }).to.include({ status: 200, pulls: true, writes: false })
    expect(await running.poll()).to.equal(304)
    expect(await botAt(cut, 'pod-3').poll()).to.equal(200)
    const answer = await eventually(
      'a bot that runs something else is told to wait',
      async () => {
        const headers = { 'If-None-Match': behind.tag }
        const answer = await fetch(`${cut.url}/models/shop@production?instance=pod-2`, { headers })
        await answer.arrayBuffer()
        return answer.status === 503 && answer
      },
      DEADLINE,
    )
    expect(Number(answer.headers.get('retry-after'))).to.be.greaterThan(0)
    for (const [method, path, change] of [
      ['PUT', TAG, { release: 1 }],
      ['PATCH', '/api/v1/models/shop', { quota: null }],
    ] as const)
      expect((await cut.call(method, path, change)).body).to.include({ code: 'catalog-unavailable' })
    proxy.heal()
    await knows('it is back', async () => (await cut.call('GET', '/readyz')).body['writes'] === true)
    await knows('the last one', async () => (await running.poll()) === 200)
  })
})
