import { expect } from 'chai'
import type { Problem } from '../../../protocol/problem.ts'
import type { Release } from '../../../protocol/release.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { headerOf, RawConnection } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const ERROR = 50

async function post(
  { url }: ServerUnderTest,
  query: string,
  archive = anArchive(),
): Promise<{ status: number; body: Release & Problem }> {
  const answer = await fetch(`${url}/models/shop?${query}`, {
    method: 'POST',
    body: Uint8Array.from(archive),
  })
  return { status: answer.status, body: (await answer.json()) as Release & Problem }
}

/** Rasa cannot do without the folder of this component. */
const incomplete = anArchive({
  metadata: {
    predict_schema: {
      nodes: {
        policy: { uses: 'rasa.core.policies.rule_policy.RulePolicy', resource: { name: 'train_it' } },
      },
    },
  },
})

describe('the query of a publish', () => {
  it('is refused where it has a parameter that is not known, which it names with the nearest that is', async () => {
    const server = await aServer()
    for (const query of ['tags=production', 'Tag=production', 'tga=production']) {
      const { status, body } = await post(server, query)
      expect([status, body.code], query).to.deep.equal([400, 'invalid-parameter'])
      expect(body.detail).to.include(query.split('=')[0]).and.include('mean tag?')
    }
    expect(server.current.find('shop')).to.equal(undefined)
  })

  it('takes twenty tags, and refuses one more', async () => {
    const server = await aServer()
    const tags = (count: number) => Array.from({ length: count }, (_, index) => `tag=t${index}`).join('&')
    const { status, body } = await post(server, tags(21))
    expect([status, body.code]).to.deep.equal([422, 'too-many-tags'])
    expect((await post(server, tags(20))).status).to.equal(201)
  })

  it('accepts what its publisher knows better, and keeps that with the release', async () => {
    const server = await aServer()
    const refused = await post(server, '', incomplete)
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'archive-incomplete'])
    const { status, body } = await post(server, 'accept=archive-incomplete', incomplete)
    expect(status).to.equal(201)
    const read = await server.request.get('/api/v1/models/shop/releases/1')
    for (const { archive } of [body, read.body as Release]) {
      expect(archive.accepted?.map(({ code }) => code)).to.deep.equal(['archive-incomplete'])
    }
  })

  it('accepts nothing that cannot be accepted', async () => {
    const { status, body } = await post(await aServer(), 'accept=archive-bomb')
    expect([status, body.code]).to.deep.equal([400, 'invalid-parameter'])
    expect(body.detail).to.include('archive-incomplete')
  })
})

describe('uploads at once', () => {
  it('beyond SLIPWAY_MAX_UPLOADS are told to try again, until one has ended', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger, env: { SLIPWAY_MAX_UPLOADS: '1' } })
    const slow = await RawConnection.open(server.port)
    slow.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n')
    await eventually('it has begun', () => server.traffic.uploads === 1)
    const second = await RawConnection.open(server.port)
    second.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n')
    const answer = await second.answered()
    expect([answer.status, (JSON.parse(answer.body.toString()) as Problem).code]).to.deep.equal([
      503,
      'overloaded',
    ])
    expect(headerOf(answer, 'Retry-After')).to.equal('5')
    // No fault of the server's: whoever is woken by errors can do nothing about it.
    expect(lines.filter(({ level }) => level >= ERROR)).to.deep.equal([])
    slow.socket.destroy()
    await eventually('it has ended', () => server.traffic.uploads === 0)
    expect((await post(server, '')).status).to.equal(201)
  })

  it('cannot promise the same room twice, whether they say their length or not', async () => {
    const server = await aServer({
      freeBytes: () => 10_010_000,
      env: { SLIPWAY_MIN_FREE_BYTES: '1000' },
    })
    const first = await RawConnection.open(server.port)
    first.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n')
    await eventually('it has begun', () => server.traffic.uploads === 1)
    const large = anArchive({ payloadBytes: 600_000 })
    const whole = await fetch(`${server.url}/models/shop`, { method: 'POST', body: Uint8Array.from(large) })
    const chunked = await fetch(`${server.url}/models/shop`, {
      method: 'POST',
      body: new Blob([Uint8Array.from(large)]).stream(),
      duplex: 'half',
    })
    expect([whole.status, chunked.status]).to.deep.equal([507, 507])
    first.socket.destroy()
    await eventually('it has ended', () => server.traffic.uploads === 0)
    expect((await post(server, '', large)).status).to.equal(201)
  })
})
