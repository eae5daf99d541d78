import { expect } from 'chai'
import { RequestRate } from '../../../server/http/access/request-rate.ts'
import { aToken } from '../../support/a-token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aClock } from '../../support/manual-clock.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

/** How many of so many requests are let in. */
function taken(rate: RequestRate, name: string, requests: number): number {
  return Array.from({ length: requests }, () => rate.tryTake(name)).filter(Boolean).length
}

describe('the rate of requests', () => {
  it('lets ten seconds of requests come at once, and no more', () => {
    const rate = new RequestRate(aClock(), 3)
    expect(taken(rate, 'ci', 40)).to.equal(30)
  })

  it('lets as many come as time went by', () => {
    const clock = aClock()
    const rate = new RequestRate(clock, 3)
    taken(rate, 'ci', 40)
    clock.advance(333)
    expect(taken(rate, 'ci', 5)).to.equal(0)
    clock.advance(1_667)
    expect(taken(rate, 'ci', 20)).to.equal(6)
  })

  it('saves up no more than ten seconds', () => {
    const clock = aClock()
    const rate = new RequestRate(clock, 3)
    taken(rate, 'ci', 1)
    clock.advance(3_600_000)
    expect(taken(rate, 'ci', 100)).to.equal(30)
  })

  it('counts each name by itself', () => {
    const rate = new RequestRate(aClock(), 1)
    taken(rate, 'ci', 20)
    expect(taken(rate, 'ada', 20)).to.equal(10)
  })

  it('gives and takes nothing where the clock is set back', () => {
    const clock = aClock()
    const rate = new RequestRate(clock, 1)
    taken(rate, 'ci', 4)
    clock.advance(-60_000)
    expect(taken(rate, 'ci', 20)).to.equal(6)
    clock.advance(2_000)
    expect(taken(rate, 'ci', 20)).to.equal(2)
  })

  it('forgets the name that was quiet for longest beyond 10,000 names', () => {
    const rate = new RequestRate(aClock(), 1)
    taken(rate, 'quiet', 10)
    taken(rate, 'busy', 9)
    for (let number = 0; number < 9_998; number++) rate.tryTake(`other ${number}`)
    taken(rate, 'busy', 1)
    rate.tryTake('one more')
    expect([rate.tryTake('busy'), rate.tryTake('quiet')]).to.deep.equal([false, true])
  })
})

describe('a token that sends too many requests', () => {
  let server: ServerUnderTest
  let busy: string
  /** Ten at once. */
  beforeEach(async () => {
    server = await aServer({
      publishToken: 'the-publish-token',
      env: { SLIPWAY_MAX_REQUESTS_PER_TOKEN: '1' },
    })
    await server.publish(anArchive())
    busy = await aToken(server, ['publish', 'promote', 'pull'], 'busy')
  })

  const get = (path: string, token: string) =>
    server.request.get(path).set('Authorization', `Bearer ${token}`)
  const statuses = async (path: string, token: string, requests: number): Promise<number[]> => {
    const sent = []
    for (let number = 0; number < requests; number++) sent.push((await get(path, token)).status)
    return sent
  }

  it('is refused with 429, and served again when Retry-After has gone by', async () => {
    expect(await statuses('/api/v1/models', busy, 10)).to.deep.equal(Array(10).fill(200))
    const { status, headers, body } = await get('/api/v1/models', busy)
    expect([status, headers['retry-after'], body.code]).to.deep.equal([429, '1', 'too-many-requests'])
    server.clock.advance(1_000)
    expect(await statuses('/api/v1/models', busy, 2)).to.deep.equal([200, 429])
  })

  it('still pulls, and keeps no other token from anything', async () => {
    const other = await aToken(server, ['read'], 'other')
    await statuses('/api/v1/models', busy, 11)
    expect(await statuses('/models/shop', busy, 12)).to.deep.equal(Array(12).fill(200))
    expect((await get('/api/v1/models', other)).status).to.equal(200)
    expect(await statuses('/api/v1/models', 'the-publish-token', 12)).to.deep.equal(Array(12).fill(200))
  })

  it('is counted also where it is not allowed what it asks for', async () => {
    expect(await statuses('/api/v1/tokens', busy, 11)).to.deep.equal([...Array<number>(10).fill(403), 429])
  })

  it('is counted once for a publish with many tags', async () => {
    const publish = (query: string) =>
      server.request
        .post(`/models/shop?${query}`)
        .set({ Authorization: `Bearer ${busy}`, 'Content-Type': 'application/gzip' })
        .send(Buffer.from(anArchive()))
    const tags = Array.from({ length: 12 }, (_, number) => `tag=t${number}`).join('&')
    expect((await publish(tags)).status).to.be.oneOf([200, 201])
    expect(await statuses('/api/v1/models', busy, 10)).to.deep.equal([...Array<number>(9).fill(200), 429])
  })
})

describe('an address that sends too many requests', () => {
  const env = { SLIPWAY_MAX_REQUESTS_PER_ADDRESS: '1' }
  const statuses = async (server: ServerUnderTest, path: string, requests: number, from?: string) => {
    const sent: number[] = []
    for (let number = 0; number < requests; number++) {
      const asked = server.request.get(path)
      sent.push((await (from === undefined ? asked : asked.set('X-Forwarded-For', from))).status)
    }
    return sent
  }

  it('is refused with 429, whatever it asks for, until time has gone by', async () => {
    const server = await aServer({ publishToken: 'the-publish-token', env })
    const paths = ['/api/v1/models', '/nowhere', '/openapi.json', '/api/v1/oidc/token', '/dashboard']
    for (const path of paths) expect(await statuses(server, path, 2)).to.not.include(429)
    for (const path of paths) expect(await statuses(server, path, 1), path).to.deep.equal([429])
    const { headers, body } = await server.request.post('/models/shop')
    expect([headers['retry-after'], body.code]).to.deep.equal(['1', 'too-many-requests'])
    server.clock.advance(1_000)
    expect(await statuses(server, '/livez', 3)).to.deep.equal([200, 200, 200])
    expect(await statuses(server, '/openapi.json', 2)).to.deep.equal([200, 429])
  })

  it('still pulls, and load balancers beside it hear which bots are ready', async () => {
    const server = await aServer({ env })
    await server.publish(anArchive())
    expect(await statuses(server, '/api/v1/models', 10)).to.include(429)
    for (const path of ['/models/shop', '/models/shop@latest', '/ready/pod?model=shop', '/readyz'])
      expect(await statuses(server, path, 12), path).to.deep.equal(Array(12).fill(200))
  })

  it('hinders no other address behind a trusted proxy', async () => {
    const server = await aServer({ env: { ...env, SLIPWAY_TRUST_PROXY: '1' } })
    expect(await statuses(server, '/api/v1/models', 11, '192.0.2.1')).to.include(429)
    expect(await statuses(server, '/api/v1/models', 1, '192.0.2.2')).to.deep.equal([200])
    // What stands before the proxy's own entry may be anybody's invention.
    expect(await statuses(server, '/api/v1/models', 1, '192.0.2.9, 192.0.2.1')).to.deep.equal([429])
    // One subscriber of IPv6 has a /64.
    expect(await statuses(server, '/api/v1/models', 11, '2001:db8::1')).to.include(429)
    expect(await statuses(server, '/api/v1/models', 1, '2001:db8::2')).to.deep.equal([429])
  })
})
