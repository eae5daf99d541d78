import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { MadeToken, Revocation, Token } from '../../../protocol/token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { aToken } from '../../support/a-token.ts'

const DAY = 24 * 60 * 60
const ADMIN = { Authorization: 'Bearer the-publish-token' }

interface Answer<Body> {
  status: number
  headers: Headers
  body: Body
}

describe('the API of tokens', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
  })

  async function call<Body>(
    method: string,
    path: string,
    body?: unknown,
    token = 'the-publish-token',
  ): Promise<Answer<Body>> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const answer = await fetch(server.url + path, init)
    const text = await answer.text()
    const { status } = answer
    return { status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body }
  }

  const create = (body: unknown) => call<MadeToken>('POST', '/api/v1/tokens', body)
  const list = async () => (await call<{ items: Token[] }>('GET', '/api/v1/tokens')).body.items
  const pulls = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` }
    return (await fetch(`${server.url}/models/shop`, { headers })).status
  }

  it('makes a token, and tells its secret once', async () => {
    const { status, headers, body } = await create({
      name: 'ci',
      allow: ['publish:support-*'],
      expiresIn: 90 * DAY,
    })
    expect(status).to.equal(201)
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(body.secret).to.match(/^slipway_[0-9A-Za-z]{49}$/)
    const now = server.clock.now()
    const { secret, ...token } = body
    expect(token).to.deep.equal({
      id: 1,
      name: 'ci',
      state: 'active',
      allow: ['publish:support-*'],
      subject: null,
      publishers: [],
      createdAt: new Date(now).toISOString(),
      createdBy: 'publish-token',
      expiresAt: new Date(now + 90 * DAY * 1000).toISOString(),
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
      successor: null,
    })
    expect(await list()).to.deep.equal([token])
    expect(JSON.stringify(await list())).to.not.include(secret.slice(8))
  })

  it('refuses what no token can be, and says why', async () => {
    for (const [body, said] of [
      [{ name: 'ci', allow: ['publsh'] }, 'PERMISSION:MODEL@TAG'],
      [{ name: 'ci', allow: ['publish:shop@staging'] }, 'tags go with pull and promote'],
      [{ name: 'ci', allow: ['admin:shop'] }, 'admin is never limited'],
      [{ name: 'ci', allow: [] }, 'allow'],
      [{ name: 'CI', allow: ['pull'] }, 'a name is'],
      [{ name: 'publish-token', allow: ['pull'] }, 'something else already'],
      [{ name: 'ci', allow: ['pull'], expiresIn: 0 }, 'expiresIn'],
      [{ name: 'ci', allow: ['pull'], expires: '90d' }, 'expires'],
      [{ name: 'ci', allow: Array.from({ length: 51 }, () => 'pull') }, 'allow'],
    ] as const) {
      const { status, body: problem } = await call<{ code: string; detail: string }>(
        ...(['POST', '/api/v1/tokens', body] as const),
      )
      expect([status, problem.code], JSON.stringify(body)).to.deep.equal([400, 'invalid-body'])
      expect(problem.detail).to.include(said)
    }
    expect(await list()).to.deep.equal([])
  })

  it('refuses a name that is in use', async () => {
    await create({ name: 'ci', allow: ['pull'] })
    const again = await call<{ code: string }>('POST', '/api/v1/tokens', { name: 'ci', allow: ['pull'] })
    expect([again.status, again.body.code]).to.deep.equal([409, 'token-exists'])
  })

  it('rotates with overlap: both are good until it ends', async () => {
    await server.publish(anArchive())
    const first = (await create({ name: 'bot', allow: ['pull'] })).body.secret
    const rotated = await call<MadeToken>('POST', '/api/v1/tokens/bot/rotate', { overlap: 3600 })
    expect([rotated.status, rotated.headers.get('cache-control')]).to.deep.equal([200, 'no-store'])
    const second = rotated.body.secret
    expect([await pulls(first), await pulls(second)]).to.deep.equal([200, 200])
    expect((await list()).map(({ state, successor }) => [state, successor])).to.deep.equal([
      ['active', null],
      ['replaced', 2],
    ])
    server.clock.advance(3_600_000)
    expect([await pulls(first), await pulls(second)]).to.deep.equal([401, 200])
  })

  it('rotates with a day of overlap where none is said', async () => {
    await create({ name: 'bot', allow: ['pull'] })
    await call('POST', '/api/v1/tokens/bot/rotate')
    const [, before] = await list()
    expect(before?.expiresAt).to.equal(new Date(server.clock.now() + DAY * 1000).toISOString())
  })

  it('revokes: from then on it opens nothing', async () => {
    await server.publish(anArchive())
    const { secret } = (await create({ name: 'bot', allow: ['pull'] })).body
    expect(await pulls(secret)).to.equal(200)
    expect((await call('DELETE', '/api/v1/tokens/bot')).status).to.equal(204)
    expect(await pulls(secret)).to.equal(401)
    expect((await list())[0]).to.include({ state: 'revoked', revokedBy: 'publish-token' })
    expect((await call('DELETE', '/api/v1/tokens/bot')).status).to.equal(404)
  })

  it('revokes: a stream of events ends, and tells nothing more', async () => {
    const { secret } = (await create({ name: 'watcher', allow: ['read'] })).body
    const headers = { Authorization: `Bearer ${secret}` }
    const stream = await fetch(`${server.url}/api/v1/events`, { headers })
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).to.include('retry:')
    await server.publish(anArchive())
    expect((await reader.read()).value).to.include('release.published')
    await call('DELETE', '/api/v1/tokens/watcher')
    await server.publish(anArchive({ rasaVersion: '3.5.0' }))
    let rest = ''
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value
    } catch {
      // It may break off.
    }
    expect(rest).to.not.include('3.5.0').and.not.include('"release":2')
  })

  it('is for admin tokens, whose name stands with what they made', async () => {
    const admin = await aToken(server, ['admin'], 'ada')
    const made = await call<MadeToken>('POST', '/api/v1/tokens', { name: 'ci', allow: ['publish'] }, admin)
    expect([made.status, made.body.createdBy]).to.deep.equal([201, 'ada'])
    const refused = await call('POST', '/api/v1/tokens', { name: 'x', allow: ['admin'] }, made.body.secret)
    expect(refused.status).to.equal(403)
  })

  it('names a bot by its token, and takes bots with different tokens for independent', async () => {
    await server.publish(anArchive())
    for (const name of ['bot-a', 'bot-b']) {
      const { secret } = (await create({ name, allow: ['pull:shop'] })).body
      const hex = randomUUID().replaceAll('-', '')
      const headers = { Authorization: `Bearer ${secret}`, 'If-None-Match': hex }
      expect((await fetch(`${server.url}/models/shop`, { headers })).status).to.equal(200)
    }
    const bots = await call<{ items: { bot: string }[] }>('GET', '/api/v1/bots')
    expect(bots.body.items.map(({ bot }) => bot)).to.deep.equal(['bot-a', 'bot-b'])
  })

  it('has the author of a release be the name of its token', async () => {
    const ci = await aToken(server, ['publish:shop'], 'ci-shop')
    const headers = { Authorization: `Bearer ${ci}` }
    const body = Uint8Array.from(anArchive())
    const answer = await fetch(`${server.url}/models/shop`, { method: 'POST', headers, body })
    expect(((await answer.json()) as { publishedBy: string }).publishedBy).to.equal('ci-shop')
  })

  it('leaves no secret in any line of the log, nor in any answer but the first', async () => {
    const { logger, text, lines } = keptLog()
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token', logger })
    const secrets: string[] = []
    for (const name of ['a', 'b']) secrets.push((await create({ name, allow: ['pull:shop'] })).body.secret)
    secrets.push((await call<MadeToken>('POST', '/api/v1/tokens/a/rotate')).body.secret)
    let answers = ''
    for (const secret of secrets) {
      for (const path of ['/models/shop', '/models/bank', '/api/v1/tokens', '/nowhere', '/metrics']) {
        for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
          const answer = await fetch(`${server.url}${path}?token=${secret}`, {
            method,
            headers: { Authorization: `Bearer ${secret}` },
          })
          answers += JSON.stringify([...answer.headers]) + (await answer.text())
        }
      }
    }
    // Who finds a token that leaked pastes it where its name belongs.
    for (const secret of secrets) {
      for (const path of [
        `/api/v1/tokens/${secret}`,
        `/models/${secret}`,
        `/models/shop@${secret}`,
        `/${secret}`,
      ])
        answers += await (await fetch(server.url + path, { method: 'DELETE', headers: ADMIN })).text()
      answers += await (await fetch(`${server.url}/models/${secret}`, { headers: ADMIN })).text()
    }
    await call('DELETE', '/api/v1/tokens/a')
    answers += JSON.stringify((await call('GET', '/api/v1/audit')).body)
    expect(answers).to.include('/api/v1/tokens/slipway_…')
    expect(lines.length).to.be.greaterThan(50)
    for (const secret of secrets) {
      for (const part of [secret.slice(8, 20), secret.slice(30, 45)]) {
        expect(text()).to.not.include(part)
        expect(answers).to.not.include(part)
      }
    }
  })
})

describe('a server on loopback without tokens in its settings', () => {
  const tokens = '/api/v1/tokens'

  it('is open until the first token is made, then closed but for pulls', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    await server.request.get('/api/v1/models').expect(200)
    const made = await server.request.post(tokens).send({ name: 'ada', allow: ['admin'] })
    const { secret } = made.body as MadeToken
    await server.request.get('/api/v1/models').expect(401)
    await server.request.get('/api/v1/models').set('Authorization', `Bearer ${secret}`).expect(200)
    await server.request.get('/models/shop').expect(200)
    await server.request.get('/livez').expect(200)
  })

  it('asks for tokens on pulls from the first one for bots on, also after it ended', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    const made = await server.request.post(tokens).send({ name: 'ada', allow: ['admin'] })
    const authorization = `Bearer ${(made.body as MadeToken).secret}`
    await server.request
      .post(tokens)
      .set('Authorization', authorization)
      .send({ name: 'bot', allow: ['pull'], closesPulls: true })
      .expect(201)
    await server.request.get('/models/shop').expect(401)
    const revoke = async (name: string) =>
      (await server.request.delete(`${tokens}/${name}`).set('Authorization', authorization).expect(200))
        .body as Revocation
    expect((await revoke('bot')).warnings.map(({ code }) => code)).to.deep.equal(['pulls-stay-closed'])
    expect((await revoke('ada')).warnings.map(({ code }) => code)).to.deep.equal(['no-admin-left'])
    await server.request.get('/models/shop').expect(401)
    await server.request.get('/api/v1/models').expect(401)
  })

  it('leaves pulls open where SLIPWAY_ANONYMOUS says so', async () => {
    const server = await aServer({ env: { SLIPWAY_ANONYMOUS: 'pull' } })
    await server.publish(anArchive())
    await server.request
      .post(tokens)
      .send({ name: 'bot', allow: ['pull', 'admin'] })
      .expect(201)
    await server.request.get('/models/shop').expect(200)
  })

  it('takes requests under any name once tokens guard it', async () => {
    const server = await aServer()
    await server.request.get('/api/v1/models').set('Host', 'evil.example').expect(403)
    await server.request.post(tokens).send({ name: 'ada', allow: ['admin'] })
    await server.request.get('/api/v1/models').set('Host', 'models.example').expect(401)
  })
})
