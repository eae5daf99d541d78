import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const BOT = '0123456789ab4def8123456789abcdef'

describe('a poll', () => {
  let server: ServerUnderTest

  beforeEach(async () => {
    server = await aServer()
    await server.publish(anArchive())
  })

  const poll = async (
    ifNoneMatch: string,
    headers: Record<string, string> = {},
    query = '?instance=pod-1',
  ) => {
    const response = await fetch(`${server.url}/models/shop${query}`, {
      headers: { 'If-None-Match': ifNoneMatch, ...headers },
    })
    await response.arrayBuffer()
    server.clock.advance(100_000)
    return { status: response.status, tag: response.headers.get('etag') ?? '' }
  }
  const known = () => server.fleet.memory.find('shop', BOT)
  const wasSent = () => eventually('it was sent', () => known()?.offer?.sentAt != null)

  it('of a new process begins an offer, and the next one shows that it was loaded', async () => {
    const { status, tag } = await poll(BOT)
    expect(status).to.equal(200)
    await wasSent()
    expect((await poll(tag)).status).to.equal(304)
    expect(known()).to.include({ offer: null, tag: 'latest' })
    expect(known()?.provenAt).not.to.equal(null)
    expect(server.fleet.memory.bot('shop', 'pod-1')?.processes).to.have.length(1)
  })

  it('is named by its address where it names no instance', async () => {
    await poll(BOT, {}, '')
    expect(server.fleet.memory.bot('shop', '127.0.0.1')?.processes).to.have.length(1)
  })

  it('of a peer that has reset its connection meanwhile is of nobody', async () => {
    const peer = connect(server.port, '127.0.0.1')
    peer.on('error', () => undefined)
    await once(peer, 'connect')
    peer.write(`GET /models/shop HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: ${BOT}\r\n\r\n`)
    peer.resetAndDestroy()
    // Whatever was sent before is read by then.
    for (let time = 0; time < 3; time++) await (await fetch(`${server.url}/livez`)).text()
    expect(known()).to.equal(undefined)
  })

  it('is left alone with what it runs once it could not load a release three times', async () => {
    const { tag } = await poll(BOT)
    await wasSent()
    await poll(tag)
    await server.publish(anArchive())
    for (let attempt = 0; attempt < 3; attempt++) {
      expect((await poll(tag)).status).to.equal(200)
      await wasSent()
    }
    expect((await poll(tag)).status).to.equal(304)
    expect(known()).to.include({ standing: 'left-alone' })
  })

  it('is nothing else that names a process: HEAD, a part, a condition', async () => {
    await fetch(`${server.url}/models/shop`, { method: 'HEAD', headers: { 'If-None-Match': BOT } })
    await poll(BOT, { Range: 'bytes=0-9' })
    await poll(BOT, { 'If-Match': '*' })
    expect(server.fleet.memory.size).to.equal(0)
  })

  it('is no failure of the bot where the archive cannot be read', async () => {
    const [release] = (await server.request.get('/api/v1/models/shop/releases')).body.items
    await server.blobs.delete(release.digest)
    expect((await poll(BOT)).status).to.equal(503)
    expect(known()).to.deep.include({ offer: null, failures: [] })
  })

  it('tells of the way what its entity tag went through', async () => {
    const { tag } = await poll(BOT)
    await wasSent()
    await poll(`W/${tag}`)
    expect(Object.keys(known()?.hints ?? {})).to.deep.equal(['etag-rewritten'])
  })
})
