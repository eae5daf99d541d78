import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { keptLog } from '../../support/log-lines.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const PUBLISH = 'publish-s3cr3t-token'
const PULL = 'pull-s3cr3t-token'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT'

interface Way {
  name: string
  headers: (token: string) => Record<string, string>
  query: (token: string) => string
}

const none = (): string => ''
const WAYS: Way[] = [
  { name: 'Bearer', headers: (token) => ({ Authorization: `Bearer ${token}` }), query: none },
  { name: 'bearer in lower case', headers: (token) => ({ Authorization: `bearer ${token}` }), query: none },
  {
    name: 'the password of Basic',
    headers: (token) => ({ Authorization: `Basic ${Buffer.from(`anyone:${token}`).toString('base64')}` }),
    query: none,
  },
  {
    name: 'the password of Basic with a colon in it',
    headers: (token) => ({ Authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` }),
    query: none,
  },
  { name: '?token=', headers: () => ({}), query: (token) => `token=${encodeURIComponent(token)}` },
]

async function ask(
  { url }: ServerUnderTest,
  method: Method,
  path: string,
  way: Way | undefined,
  token = '',
): Promise<{ status: number; headers: Headers; body: string }> {
  const query = way?.query(token) ?? ''
  const answer = await fetch(`${url}${path}${query === '' ? '' : `?${query}`}`, {
    method,
    headers: way?.headers(token) ?? {},
    ...(method === 'POST' ? { body: Uint8Array.from(anArchive()) } : {}),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

async function aGuardedServer(options: Parameters<typeof aServer>[0] = {}): Promise<ServerUnderTest> {
  const server = await aServer({ publishToken: PUBLISH, pullToken: PULL, ...options })
  await server.publish(anArchive())
  return server
}

describe('tokens', () => {
  for (const way of WAYS) {
    it(`open pulls as ${way.name}, either of them`, async () => {
      const server = await aGuardedServer()
      for (const token of [PULL, PUBLISH]) {
        expect((await ask(server, 'GET', '/models/shop', way, token)).status).to.equal(200)
        expect((await ask(server, 'HEAD', '/models/shop', way, token)).status).to.equal(200)
      }
    })

    const opens = way.name === '?token=' ? 401 : 201
    it(`are answered ${opens} on a publish as ${way.name}`, async () => {
      const server = await aGuardedServer()
      expect((await ask(server, 'POST', '/models/shop', way, PUBLISH)).status).to.equal(opens)
    })

    it(`open nothing as ${way.name} where they are wrong, cut, longer or in another case`, async () => {
      const server = await aGuardedServer()
      for (const token of ['x', PULL.slice(1), PULL.slice(0, -1), `${PULL}x`, PULL.toUpperCase(), '']) {
        expect((await ask(server, 'GET', '/models/shop', way, token)).status, token).to.equal(401)
      }
    })
  }

  it('of pulls do not publish and do not read the API: 403 says which token does', async () => {
    const server = await aGuardedServer()
    for (const [method, path] of [
      ['POST', '/models/shop'],
      ['GET', '/api/v1/models'],
      ['GET', '/metrics'],
    ] as const) {
      const { status, body } = await ask(server, method, path, WAYS[0], PULL)
      expect([status, (JSON.parse(body) as Problem).code]).to.deep.equal([403, 'token-insufficient'])
    }
  })

  it('are asked for with the same 401, whether one was wrong or missing', async () => {
    const server = await aGuardedServer()
    const answers = [
      await ask(server, 'GET', '/models/shop', undefined),
      await ask(server, 'GET', '/models/shop', WAYS[0], 'wrong'),
      await ask(server, 'GET', '/models/shop', WAYS[2], 'wrong'),
      await ask(server, 'GET', '/models/shop', WAYS[4], 'wrong'),
      await ask(server, 'GET', '/models/unknown', WAYS[0], 'wrong'),
    ]
    const said = answers.map(({ status, headers, body }) => {
      const { instance: _, ...problem } = JSON.parse(body) as Problem
      return {
        status,
        challenge: headers.get('www-authenticate'),
        cache: headers.get('cache-control'),
        problem,
      }
    })
    for (const one of said) expect(one).to.deep.equal(said[0])
    expect(said[0]).to.include({
      status: 401,
      challenge: 'Bearer realm="slipway", Basic realm="slipway"',
      cache: 'no-store',
    })
  })

  it('are not asked for by a browser where a script of a page asks: its reader would get a password prompt', async () => {
    const { url } = await aGuardedServer()
    const headers = { 'X-Requested-With': 'XMLHttpRequest', Cookie: 'slipway=ended' }
    const answer = await fetch(`${url}/api/v1/events`, { headers })
    expect([answer.status, answer.headers.get('www-authenticate')]).to.deep.equal([
      401,
      'Bearer realm="slipway"',
    ])
  })

  it('are not needed for /livez and /readyz', async () => {
    const server = await aGuardedServer()
    for (const path of ['/livez', '/readyz'])
      expect((await ask(server, 'GET', path, undefined)).status).to.equal(200)
  })

  it('are not looked at for a minute, right or wrong, after too many different wrong ones from an address', async () => {
    const server = await aGuardedServer()
    const guess = (token: string) => ask(server, 'GET', '/models/shop', WAYS[0], token)
    for (let turn = 1; turn <= 30; turn++)
      expect((await guess(`guess-${turn}`)).status, `${turn}`).to.equal(401)
    const refused = await guess(PULL)
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([429, '60'])
    expect((JSON.parse(refused.body) as Problem).code).to.equal('too-many-failures')
    expect((await ask(server, 'GET', '/models/shop', WAYS[4], PUBLISH)).status).to.equal(429)
    expect((await ask(server, 'POST', '/models/shop', WAYS[0], PUBLISH)).status).to.equal(429)
    expect((await ask(server, 'GET', '/models/shop', undefined)).status).to.equal(401)
    server.clock.advance(60_000)
    expect((await guess(PULL)).status).to.equal(200)
  })

  it('that are old, at each poll of many bots behind one address, lock nobody out', async () => {
    const server = await aGuardedServer()
    for (let turn = 1; turn <= 40; turn++) {
      expect((await ask(server, 'GET', '/models/shop', WAYS[4], 'the-old-token')).status).to.equal(401)
    }
    expect((await ask(server, 'GET', '/models/shop', WAYS[4], PULL)).status).to.equal(200)
  })

  it('are guessed no faster by whoever sends a right one along', async () => {
    const server = await aGuardedServer()
    const both = (guess: string) =>
      fetch(`${server.url}/api/v1/models?token=${guess}`, { headers: { Authorization: `Bearer ${PULL}` } })
    for (let turn = 1; turn <= 30; turn++) expect((await both(`guess-${turn}`)).status).to.equal(403)
    expect((await both(PUBLISH)).status).to.equal(429)
  })

  it('from elsewhere are not harmed by guesses, where the proxy in front is trusted', async () => {
    const server = await aGuardedServer({ env: { SLIPWAY_TRUST_PROXY: '1' } })
    const from = async (address: string, token: string) => {
      const headers = { Authorization: `Bearer ${token}`, 'X-Forwarded-For': `198.51.100.99, ${address}` }
      return (await fetch(`${server.url}/models/shop`, { headers })).status
    }
    for (let turn = 1; turn <= 30; turn++) expect(await from('192.0.2.1', `guess-${turn}`)).to.equal(401)
    expect(await from('192.0.2.1', PULL)).to.equal(429)
    expect(await from('192.0.2.2', PULL)).to.equal(200)
  })

  it('in use behind a proxy that hides its clients go on while another client there guesses', async () => {
    const server = await aGuardedServer()
    const through = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}`, 'X-Forwarded-For': '192.0.2.1' }
      return (await fetch(`${server.url}/models/shop`, { headers })).status
    }
    expect(await through(PULL)).to.equal(200)
    for (let turn = 1; turn <= 30; turn++) await through(`guess-${turn}`)
    expect(await through('another-guess')).to.equal(429)
    expect(await through(PULL)).to.equal(200)
    for (let turn = 1; turn <= 30; turn++) await through(`${PULL.slice(0, 4)}-${turn}`)
    expect(await through(PULL)).to.equal(429)
  })

  it('stand in no line of the log, right or wrong, however they were sent', async () => {
    const { logger, lines, text } = keptLog()
    const server = await aGuardedServer({ logger })
    for (const way of WAYS) {
      for (const token of [PULL, PUBLISH, 'wrong-s3cr3t-token']) {
        for (const path of ['/models/shop', '/models/unknown', '/api/v1/models', '/nowhere', '/models/%zz']) {
          await ask(server, 'GET', path, way, token)
          await ask(server, 'PUT', path, way, token)
        }
        await ask(server, 'POST', '/models/shop', way, token)
      }
    }
    expect(lines.length).to.be.greaterThan(100)
    expect(text()).to.not.include('s3cr3t')
    expect(text()).to.not.include(Buffer.from('s3cr3t-token').toString('base64').slice(0, 12))
    expect(lines.filter(({ event }) => event === 'auth_failed').length).to.be.greaterThan(10)
  })

  it('are checked before a body is read', async () => {
    const server = await aGuardedServer()
    await ask(server, 'POST', '/models/shop', WAYS[0], 'wrong')
    expect(server.traffic.publishes.published).to.equal(1)
  })

  it('that are not set leave their scope open to all', async () => {
    const server = await aServer({ publishToken: PUBLISH })
    await server.publish(anArchive())
    expect((await ask(server, 'GET', '/models/shop', undefined)).status).to.equal(200)
    expect((await ask(server, 'GET', '/api/v1/models', undefined)).status).to.equal(401)
  })
})
