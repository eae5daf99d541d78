import { expect } from 'chai'
import type { Overview } from '../../../protocol/overview.ts'
import type { Status } from '../../../protocol/status.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { PollingBot } from '../../support/polling-bot.ts'
import { aServer } from '../../support/server-under-test.ts'

const PRODUCTION = '/api/v1/models/shop/tags/production'

async function aBotOfProduction() {
  const server = await aServer()
  await server.publish(anArchive(), { query: 'tag=production' })
  const bot = new PollingBot(`${server.url}/models/shop@production`, 'pod-1')
  const poll = async () => {
    server.clock.advance(10_000)
    return bot.poll()
  }
  for (const status of [200, 304]) expect(await poll()).to.equal(status)
  const warnings = async () => {
    const { body } = await server.request.get('/api/v1/status')
    return (body as Status).warnings.filter(({ code }) => code === 'bots-without-tag')
  }
  return { ...server, bot, poll, warnings }
}

describe('a bot whose tag was deleted', () => {
  it('is named by the status and in the overview until it is served again', async () => {
    const { request, poll, warnings } = await aBotOfProduction()
    expect((await request.delete(PRODUCTION)).status).to.equal(204)
    expect([await poll(), await poll()]).to.deep.equal([404, 404])
    const [warning] = await warnings()
    expect(warning?.message)
      .to.include(
        '1 bot that polled before polls a tag that does not exist: pod-1 of shop@production (404 since ',
      )
      .and.include('slipway promote shop@production RELEASE')
    const refused = async () => ((await request.get('/api/v1/overview')).body as Overview).refused
    const [told] = await eventually('it is told', async () => (await refused()).length > 0 && refused())
    expect(told).to.include({ bot: 'pod-1', tag: 'production', code: 'no-release-tagged', refusals: 2 })
    await request.put(PRODUCTION).send({ release: 1 })
    expect(await poll()).to.equal(304)
    expect(await warnings()).to.deep.equal([])
    await eventually('nobody is told', async () => (await refused()).length === 0)
  })

  it('is named also where it began anew, and nobody is who was never heard of or is no bot', async () => {
    const { request, url, bot, poll, warnings } = await aBotOfProduction()
    await request.delete(PRODUCTION)
    await fetch(`${url}/models/shop@prodution`)
    await new PollingBot(`${url}/models/shop@prodution`, 'stranger').poll()
    expect(await warnings()).to.deep.equal([])
    bot.restart()
    expect(await poll()).to.equal(404)
    expect((await warnings())[0]?.message).to.include('pod-1 of shop@production')
  })
})
