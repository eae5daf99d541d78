import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Overview } from '../../../protocol/overview.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { aToken } from '../../support/a-token.ts'

describe('a token that may read some models', () => {
  let server: ServerUnderTest
  let token: string
  /** Models that it may read, between others by name and age. */
  const OWN = ['support-a', 'support-b']

  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    for (const model of ['bank', 'support-a', 'shop', 'support-b', 'zoo']) {
      await server.publish(anArchive(), { model })
      const headers = {
        Authorization: 'Bearer the-pull-token',
        'If-None-Match': randomUUID().replaceAll('-', ''),
      }
      const polled = await fetch(`${server.url}/models/${model}?instance=pod-of-${model}`, { headers })
      await polled.arrayBuffer()
      server.clock.advance(1_000)
    }
    await server.fleet.save()
    token = await aToken(server, ['read:support-*'])
  })

  async function read<Body>(path: string, as = token): Promise<Body> {
    const answer = await fetch(server.url + path, { headers: { Authorization: `Bearer ${as}` } })
    expect(answer.status).to.equal(200)
    return (await answer.json()) as Body
  }

  /** The models that a list tells of, page by page. */
  async function listed(path: string, as = token): Promise<string[]> {
    const models: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const at: string = `${path}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`
      const page: { items: { model: string }[]; next: string | null } = await read(at, as)
      models.push(...page.items.map(({ model }) => model))
      cursor = page.next
    }
    return models
  }

  for (const path of ['/api/v1/models', '/api/v1/bots', '/api/v1/processes']) {
    it(`is told of these alone in ${path}, and no page says that there is more`, async () => {
      expect((await listed(path)).toSorted()).to.deep.equal(OWN)
      expect(await listed(path, 'the-publish-token')).to.have.length(5)
      expect((await read<{ next: string | null }>(`${path}?limit=2`)).next).to.equal(null)
    })
  }

  it('is told of their events alone, by pages and as they happen', async () => {
    const events: { model: string }[] = []
    let after: number | null = 0
    while (after !== null) {
      const page: { items: { model: string }[]; next: number | null } = await read(
        `/api/v1/events?after=${after}&limit=1`,
      )
      events.push(...page.items)
      after = page.next
    }
    expect([...new Set(events.map(({ model }) => model))].toSorted()).to.deep.equal(OWN)
    const leave = new AbortController()
    const stream = await fetch(`${server.url}/api/v1/events`, {
      headers: { Authorization: `Bearer ${token}`, 'Last-Event-ID': '0' },
      signal: leave.signal,
    })
    // What happens later to one that it may read is told behind what happened to others.
    await server.publish(anArchive(), { model: 'zoo' })
    const last = await server.publish(anArchive(), { model: 'support-b' })
    let text = ''
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk).toString()
      if (text.includes(last.digest) && text.endsWith('\n\n')) break
    }
    leave.abort()
    const told = [...text.matchAll(/"model":"([a-z-]+)"/g)].map(([, model]) => model)
    expect([...new Set(told)].toSorted()).to.deep.equal(OWN)
  })

  it('finds nothing of others in the overview, nor how many they are', async () => {
    const overview = await read<Overview>('/api/v1/overview')
    expect(overview.models).to.equal(2)
    expect(overview.moreTags).to.equal(0)
    expect([...new Set(overview.tags.map(({ model }) => model))].toSorted()).to.deep.equal(OWN)
    expect(JSON.stringify(overview)).to.not.match(/bank|shop|zoo/)
    expect((await read<Overview>('/api/v1/overview', 'the-publish-token')).models).to.equal(5)
  })

  it('is never given the overview that another token with as many models was read', async () => {
    const headers = { Authorization: 'Bearer wrong' }
    expect((await fetch(`${server.url}/models/zoo?instance=pod-of-zoo`, { headers })).status).to.equal(401)
    const { request } = server
    const admin = { Authorization: 'Bearer the-publish-token' }
    expect((await request.delete('/api/v1/models/zoo').query({ force: true }).set(admin)).status).to.equal(
      200,
    )
    const other = await aToken(server, ['read:support-*', 'read:zoo'], 'of-the-zoo')
    const refusedBots = async (as: string) =>
      (await read<Overview>('/api/v1/overview', as)).refused.map(({ bot }) => bot)
    expect(await refusedBots(other)).to.deep.equal(['pod-of-zoo'])
    expect(await refusedBots(token)).to.deep.equal([])
  })
})
