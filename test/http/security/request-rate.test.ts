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
