import { expect } from 'chai'
import type { Bot } from '../../protocol/bot.ts'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { pullerOf } from '../support/client-folder.ts'
import { eventually } from '../support/eventually.ts'
import { aFleetOn, type FleetUnderTest } from '../support/fleet-under-test.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Ran } from '../support/run-slipway.ts'
import { serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const CANARY = { steps: [1, '100%'] }

/** The names of the bots that a server tells of. */
async function botsOf({ request }: FleetUnderTest): Promise<string[]> {
  const { body } = await request.get('/api/v1/bots?model=shop')
  return (body.items as Bot[]).map(({ bot, state }) => `${bot} ${state}`)
}

function pull({ url }: FleetUnderTest, to: string, ...more: string[]): Promise<Ran> {
  return callSlipway(['pull', `${url}/models/shop@production?instance=job`, '--to', to, ...more])
}

describe('slipway pull, which asks once', function () {
  this.timeout(60_000)

  it('is no bot, whether it installs, is up to date or refuses what comes', async () => {
    const fleet = await aFleetOn(1)
    const to = await temporaryDirectory()
    expect((await pull(fleet, to)).code).to.equal(0)
    expect((await pull(fleet, to)).code).to.equal(0)
    const refused = await pull(fleet, await temporaryDirectory(), '--on-change', 'exit 1')
    expect(refused.code).to.equal(4)
    expect(await botsOf(fleet)).to.deep.equal(['pod-1 running'])
  })

  it('takes no place, holds no rollout up, and has no part in its verdict', async () => {
    const fleet = await aFleetOn(2)
    const { body } = await fleet.request
      .put('/api/v1/models/shop/tags/production')
      .send({ release: 2, policy: { ...CANARY, maxUpdating: 1 } })
    expect(body.rollout.state).to.equal('running')
    const to = await temporaryDirectory()
    // What bots run that nobody can tell apart: the tag has not moved.
    expect((await pull(fleet, to, '--json')).out).to.include('"release":1')
    expect((await pull(fleet, await temporaryDirectory(), '--on-change', 'exit 1')).code).to.equal(4)
    const { counts } = await fleet.untilRollout('done')
    expect(counts).to.include({ bots: 2, updated: 2 })
    expect((await pull(fleet, to, '--json')).out).to.include('"release":2')
  })

  it('leaves it to --watch to be a bot, also in a folder that it filled', async () => {
    const fleet = await aFleetOn(1)
    const to = await temporaryDirectory()
    const url = `${fleet.url}/models/shop@production?instance=sidecar`
    expect((await pullerOf(url, to).pull()).event).to.equal('installed')
    const over = new AbortController()
    const watching = pullerOf(url, to, { interval: 50 }).puller.watch({ signal: over.signal })
    const events = (async () => {
      const seen: string[] = []
      for await (const { event } of watching) seen.push(event)
      return seen
    })()
    await eventually('the sidecar is a bot', async () => (await botsOf(fleet)).includes('sidecar running'))
    over.abort()
    expect((await events)[0]).to.equal('unchanged')
  })
})

describe('the header field Slipway-Poll', () => {
  it('says once where a puller asks once, and nothing where it goes on', async () => {
    const server = await lyingServer(serveArchive(anArchive()))
    await pullerOf(server.url, await temporaryDirectory()).pull()
    const over = new AbortController()
    const watching = pullerOf(server.url, await temporaryDirectory()).puller.watch({ signal: over.signal })
    await watching.next()
    over.abort()
    await watching.next()
    const unending = pullerOf(server.url, await temporaryDirectory(), { interval: null }).puller
    const once = unending.watch()
    expect([(await once.next()).done, (await once.next()).done]).to.deep.equal([false, true])
    expect(server.seen.map(({ headers }) => headers['slipway-poll'])).to.deep.equal([
      'once',
      undefined,
      'once',
    ])
  })
})
