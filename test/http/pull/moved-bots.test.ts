import { expect } from 'chai'
import { ADDRESS_KEPT } from '../../../server/fleet/repeated-poll.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const BOT = '0123456789ab4def8123456789abcdef'

describe('a bot without a name that moves to another address', () => {
  let server: ServerUnderTest
  let tag: string

  const poll = async (address: string, ifNoneMatch = tag) => {
    const headers = { 'If-None-Match': ifNoneMatch, 'X-Forwarded-For': address }
    const response = await fetch(`${server.url}/models/shop`, { headers })
    await response.arrayBuffer()
    server.clock.advance(10_000)
    return { status: response.status, tag: response.headers.get('etag') ?? '' }
  }
  const bots = () => [...server.fleet.memory.bots('shop')].map(({ bot }) => bot)
  const known = () => server.fleet.memory.find('shop', BOT)

  beforeEach(async () => {
    server = await aServer({ env: { SLIPWAY_TRUST_PROXY: '1' } })
    await server.publish(anArchive())
    tag = (await poll('192.0.2.1', BOT)).tag
    await eventually('the archive was sent', () => known()?.offer?.sentAt != null)
    for (let time = 0; time < 3; time++) await poll('192.0.2.1')
    expect(bots()).to.deep.equal(['192.0.2.1'])
  })

  it('is found there within five minutes, and heard all the while', async () => {
    for (let polled = 0; polled < ADDRESS_KEPT; polled += 10_000) {
      expect((await poll('192.0.2.2')).status).to.equal(304)
      expect(known()?.lastSeen).to.equal(server.clock.now() - 10_000)
    }
    expect(bots()).to.deep.equal(['192.0.2.2'])
  })

  it('is found there at once where it is due for another release', async () => {
    await server.publish(anArchive())
    await poll('192.0.2.2')
    expect(bots()).to.deep.equal(['192.0.2.2'])
  })
})
