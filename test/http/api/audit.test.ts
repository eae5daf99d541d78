import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { AuditChainCheck } from '../../../protocol/audit-chain.ts'
import type { AuditEntry, AuditHead } from '../../../protocol/audit.ts'
import { aToken } from '../../support/a-token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

interface Page {
  items: AuditEntry[]
  next: number | null
  head: AuditHead
}

const ADMIN = 'the-publish-token'

describe('the API of the audit', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer({ publishToken: ADMIN, pullToken: 'the-pull-token' })
  })

  async function audit(query = ''): Promise<Page> {
    const headers = { Authorization: `Bearer ${ADMIN}` }
    const answer = await fetch(`${server.url}/api/v1/audit${query}`, { headers })
    expect(answer.status).to.equal(200)
    return (await answer.json()) as Page
  }

  const send = (method: string, path: string, token: string, body?: unknown) =>
    fetch(server.url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  it('tells who did what over HTTP: name of the token, address, request, before and after', async () => {
    const ada = await aToken(server, ['promote:shop', 'publish:shop'], 'ada')
    const archive = anArchive()
    await fetch(`${server.url}/models/shop`, {
      method: 'POST',
      body: Uint8Array.from(archive),
      headers: { Authorization: `Bearer ${ada}` },
    })
    const headers = {
      Authorization: `Bearer ${ada}`,
      'Content-Type': 'application/json',
      'X-Request-Id': 'r-1',
    }
    const body = JSON.stringify({ release: 1, reason: 'go' })
    await fetch(`${server.url}/api/v1/models/shop/tags/production`, { method: 'PUT', headers, body })
    const { items, next, head } = await audit()
    expect(items.map(({ action, actor }) => [action, actor])).to.deep.equal([
      ['token.created', 'publish-token'],
      ['release.published', 'ada'],
      ['tag.moved', 'ada'],
      ['rollout.changed', 'ada'],
      ['tag.moved', 'ada'],
      ['rollout.changed', 'ada'],
    ])
    expect(items[4]).to.deep.include({
      model: 'shop',
      tag: 'production',
      address: '127.0.0.1',
      request: 'r-1',
      before: null,
      after: { release: 1, reason: 'go' },
    })
    expect([next, head.sequence]).to.deep.equal([null, items.length])
    const check = new AuditChainCheck()
    for (const entry of items) expect(check.take(entry)).to.equal(undefined)
    expect(check.end(head)).to.equal(undefined)
  })

  it('tells every kind of change that there is an endpoint for', async () => {
    await server.publish(anArchive(), { query: 'tag=production' })
    const shop = '/api/v1/models/shop'
    expect((await send('PATCH', shop, ADMIN, { defaultTag: 'production' })).status).to.equal(200)
    expect((await send('PATCH', `${shop}/releases/1`, ADMIN, { notes: 'x' })).status).to.equal(200)
    expect((await send('PATCH', `${shop}/tags/production`, ADMIN, { policy: { soak: 5 } })).status).to.equal(
      200,
    )
    expect((await send('PUT', `${shop}/tags/staging`, ADMIN, { release: 1 })).status).to.equal(201)
    expect((await send('DELETE', `${shop}/tags/staging`, ADMIN)).status).to.equal(204)
    const actions = new Set((await audit()).items.map(({ action }) => action))
    expect([...actions].sort()).to.deep.equal([
      'model.changed',
      'policy.changed',
      'release.edited',
      'release.published',
      'rollout.changed',
      'tag.deleted',
      'tag.moved',
    ])
  })

  it('tells refused changes once for each minute, address, author and reason; never polls', async () => {
    await server.publish(anArchive())
    const before = (await audit()).head.sequence
    const ci = await aToken(server, ['publish:bank'], 'ci')
    for (let turn = 0; turn < 5; turn++) {
      await send('PUT', '/api/v1/models/shop/tags/production', ci, { release: 1 })
      await send('PUT', '/api/v1/models/shop/tags/production', 'wrong', { release: 1 })
      await send('POST', '/models/shop?tag=x', ci)
    }
    await send('DELETE', '/api/v1/models/shop/releases/1', ADMIN)
    // Neither reads nor polls nor what changes nothing.
    const hex = randomUUID().replaceAll('-', '')
    await fetch(`${server.url}/models/shop`, {
      headers: { Authorization: `Bearer ${ci}`, 'If-None-Match': hex },
    })
    await fetch(`${server.url}/models/shop?token=the-pull-token`, { headers: { 'If-None-Match': hex } })
    await send('GET', '/api/v1/models', ci)
    await send('POST', '/api/v1/models/shop/tags/latest/preview', 'wrong', { release: 1 })
    const { items } = await audit(`?after=${before}`)
    expect(
      items.map(({ action, actor, after }) => [action, actor, after?.['code'], after?.['count']]),
    ).to.deep.equal([
      ['token.created', 'publish-token', undefined, undefined],
      ['refused', 'ci', 'token-insufficient', 10],
      ['refused', 'anonymous', 'token-required', 5],
      ['refused', 'publish-token', 'release-in-use', 1],
    ])
    expect(items[1]?.after).to.include({
      method: 'PUT',
      path: '/api/v1/models/shop/tags/production',
      status: 403,
    })
  })

  it('is read page by page, from a moment on, or behind an entry', async () => {
    await server.publish(anArchive())
    const [first] = (await audit('?limit=1')).items
    const page = await audit('?limit=1')
    expect([page.items[0]?.sequence, page.next]).to.deep.equal([1, 1])
    expect((await audit('?after=1&limit=1')).items[0]?.sequence).to.equal(2)
    server.clock.advance(60_000)
    const moment = new Date(server.clock.now()).toISOString()
    expect((await audit(`?since=${moment}`)).items).to.deep.equal([])
    await send('PATCH', '/api/v1/models/shop/releases/1', ADMIN, { notes: 'x' })
    expect((await audit(`?since=${moment}`)).items.map(({ action }) => action)).to.deep.equal([
      'release.edited',
    ])
    expect((await audit(`?since=${first!.at}`)).items.length).to.be.greaterThan(2)
  })

  it('says who makes tokens, and nothing that opens anything', async () => {
    const secret = await aToken(server, ['pull'], 'bot')
    await send('POST', '/api/v1/tokens/bot/rotate', ADMIN, {})
    await send('DELETE', '/api/v1/tokens/bot', ADMIN)
    const { items } = await audit()
    expect(items.map(({ action, actor }) => [action, actor])).to.deep.equal([
      ['token.created', 'publish-token'],
      ['token.changed', 'publish-token'],
      ['token.created', 'publish-token'],
      ['token.changed', 'publish-token'],
      ['token.changed', 'publish-token'],
    ])
    expect(JSON.stringify(items)).to.not.include(secret.slice(8, 20))
  })
})
