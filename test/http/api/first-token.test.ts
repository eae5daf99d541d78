import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Overview } from '../../../protocol/overview.ts'
import type { Status } from '../../../protocol/status.ts'
import type { MadeToken } from '../../../protocol/token.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const TOKENS = '/api/v1/tokens'
const MINUTE = 60_000

interface Refusal {
  code: string
  detail: string
  bots?: number
}

describe('the first token of a server that asks for none', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer()
    await server.publish(anArchive())
  })

  async function create(allow: string[], more: object = {}, token?: string) {
    const name = allow[0]?.replaceAll(/[^a-z]/g, '') ?? ''
    const request = server.request.post(TOKENS).send({ name, allow, ...more })
    if (token !== undefined) void request.set('Authorization', `Bearer ${token}`)
    const { status, body } = await request
    return { status, made: body as MadeToken, refusal: body as Refusal }
  }

  /** A bot without a token that has polled once; it polls again with what is returned. */
  async function aPollingBot(instance: string) {
    const process = randomUUID().replaceAll('-', '')
    const poll = async (token?: string, ifNoneMatch = process) => {
      const headers = {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        'If-None-Match': ifNoneMatch,
      }
      const answer = await fetch(`${server.url}/models/shop?instance=${instance}`, { headers })
      await answer.arrayBuffer()
      server.clock.advance(1_000)
      return answer.status
    }
    expect(await poll()).to.equal(200)
    return poll
  }

  it('has to allow admin: nobody could make another one over the network', async () => {
    const { status, refusal } = await create(['publish:shop'])
    expect([status, refusal.code]).to.deep.equal([409, 'first-token-not-admin'])
    expect(refusal.detail).to.include('slipway token create NAME --allow admin')
    await server.request.get('/api/v1/models').expect(200)
    const { made } = await create(['admin'])
    expect((await create(['publish:shop'], {}, made.secret)).status).to.equal(201)
  })

  it('is not asked for more where the settings have a token for everything', async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    expect((await create(['publish:shop'], {}, 'the-publish-token')).status).to.equal(201)
    expect((await create(['pull'], {}, 'the-publish-token')).status).to.equal(201)
  })

  it('that allows pull names the bots that it would refuse, and is made when that is meant', async () => {
    const poll = await aPollingBot('berlin-1')
    const { secret } = (await create(['admin'])).made
    const { status, refusal } = await create(['pull:shop'], {}, secret)
    expect([status, refusal.code, refusal.bots]).to.deep.equal([409, 'pulls-would-close', 1])
    expect(refusal.detail).to.include('1 known bot polls without one now: berlin-1 of shop')
    expect(await poll()).to.equal(200)
    expect((await create(['pull:shop'], { closesPulls: true }, secret)).status).to.equal(201)
    expect(await poll()).to.equal(401)
    // Once they are closed nothing more can be closed.
    expect((await create(['pull'], {}, secret)).status).to.equal(201)
  })

  it('shows whom it shut out, until the bot is served again', async () => {
    const poll = await aPollingBot('berlin-1')
    const { secret } = (await create(['admin'])).made
    const bots = (await create(['pull:shop'], { closesPulls: true }, secret)).made.secret
    const read = async <Body>(path: string) =>
      (await server.request.get(path).set('Authorization', `Bearer ${secret}`)).body as Body
    const refused = async () => (await read<Overview>('/api/v1/overview')).refused
    const warnings = async () =>
      (await read<Status>('/api/v1/status')).warnings.filter(({ code }) => code === 'bots-refused')
    // Whoever was never heard of is no bot that somebody lost.
    await fetch(`${server.url}/models/shop?instance=stranger`, {
      headers: { 'If-None-Match': randomUUID().replaceAll('-', '') },
    })
    expect(await warnings()).to.deep.equal([])
    expect([await poll(), await poll()]).to.deep.equal([401, 401])
    const [bot, ...others] = await refused()
    expect(others).to.deep.equal([])
    expect(bot).to.include({ model: 'shop', bot: 'berlin-1', code: 'token-required', refusals: 2 })
    expect((await warnings())[0]?.message).to.include('berlin-1 of shop (401 token-required since ')
    expect(await poll(bots)).to.equal(200)
    server.clock.advance(10 * MINUTE)
    expect(await warnings()).to.deep.equal([])
    // An overview may be two seconds old.
    await eventually('nobody is refused', async () => (await refused()).length === 0)
  })
})
