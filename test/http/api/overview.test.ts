import { rm, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Overview } from '../../../protocol/overview.ts'
import { dashboardWhenAsked } from '../../../server/composition/load-dashboard.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { aFleetOn, PRODUCTION } from '../../support/fleet-under-test.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

async function read({ request }: Pick<ServerUnderTest, 'request'>): Promise<Overview> {
  const { status, body } = await request.get('/api/v1/overview')
  expect(status).to.equal(200)
  return body as Overview
}

describe('the overview', () => {
  it('counts the bots of each tag by what they do and run, and names those that fail', async () => {
    const fleet = await aFleetOn(3)
    const failing = fleet.bots[0]!
    failing.unloadable.add(fleet.digests[2] ?? '')
    await fleet.request.put(PRODUCTION).send({ release: 2 })
    await fleet.pollAll(8)
    const { tags } = await eventually('it is young enough', async () => {
      const overview = await read(fleet)
      return (overview.tags[0]?.failing.length ?? 0) > 0 && overview
    })
    const [production, latest] = tags
    expect(production).to.include({ model: 'shop', tag: 'production', release: 2, isDefault: false })
    expect(production?.bots.all).to.equal(3)
    expect(production?.bots.updated).to.equal(2)
    expect(production?.bots.states).to.deep.equal({ running: 2, failing: 1 })
    expect(production?.bots.releases).to.deep.equal([
      { release: 2, bots: 2 },
      { release: 1, bots: 1 },
    ])
    expect(production?.failing.map(({ bot }) => bot)).to.deep.equal([failing.name])
    expect(latest?.bots).to.deep.equal({ all: 0, updated: 0, states: {}, releases: [] })
    expect(latest?.isDefault).to.equal(true)
  })

  it('says where a rollback leads from a release that bots could not load, and that it leads nowhere', async () => {
    const fleet = await aFleetOn(3)
    fleet.bots[0]!.unloadable.add(fleet.digests[2] ?? '')
    await fleet.request.put(PRODUCTION).send({ release: 2 })
    await fleet.untilRollout('done')
    const untilItLeads = (to: number | null) =>
      eventually(`a rollback leads to ${to ?? 'nowhere'}`, async () => {
        const tag = (await read(fleet)).tags.find(({ tag }) => tag === 'production')
        return tag !== undefined && tag.failing.length > 0 && tag.rollbackTo === to
      })
    await untilItLeads(1)
    expect((await fleet.request.delete('/api/v1/models/shop/releases/1')).status).to.equal(204)
    await untilItLeads(null)
  })

  it('tells of one model alone where it is asked to, however many tags others have', async () => {
    const { request, publish } = await aServer()
    for (const model of ['shop', 'other']) await publish(anArchive(), { model, query: 'tag=production' })
    const { body } = await request.get('/api/v1/overview?model=other')
    const { models, tags, moreTags } = body as Overview
    expect([models, moreTags]).to.deep.equal([1, 0])
    expect(tags.map(({ model, tag }) => `${model}@${tag}`)).to.have.members([
      'other@latest',
      'other@production',
    ])
    expect((await request.get('/api/v1/overview?model=A')).body.code).to.equal('invalid-parameter')
  })

  it('has the rollout that is under way, and the release that was taken back until it is gone', async () => {
    const fleet = await aFleetOn(3)
    for (const bot of fleet.bots) bot.unloadable.add(fleet.digests[2] ?? '')
    await fleet.request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, '100%'] } })
    expect((await read(fleet)).tags[0]?.rollout).to.include({ state: 'running', to: 2, step: 0 })
    await fleet.untilRollout('reverted')
    const taken = await eventually('it is told', async () => {
      const [first] = (await read(fleet)).quarantined
      return first
    })
    expect(taken).to.include({ model: 'shop', release: 2, isNewest: true })
    await fleet.publish(anArchive())
    await eventually(
      'a newer one is known',
      async () => (await read(fleet)).quarantined[0]?.isNewest === false,
    )
    await fleet.request.delete('/api/v1/models/shop/releases/2')
    await eventually('it is gone', async () => (await read(fleet)).quarantined.length === 0)
  })

  it('names the releases of a damaged archive', async () => {
    const server = await aServer()
    const { digest } = await server.publish(anArchive())
    await writeFile(server.blobFile(digest), 'something else')
    await server.request.get('/models/shop').buffer(false)
    const [damaged] = await eventually('it is told', async () => {
      const { damaged } = await read(server)
      return damaged.length > 0 && damaged
    })
    expect(damaged?.digest).to.equal(digest)
    expect(damaged?.releases).to.deep.equal([{ model: 'shop', release: 1 }])
    await rm(server.blobFile(digest), { force: true })
  })

  it('says behind which event it may be followed', async () => {
    const server = await aServer()
    expect((await read(server)).event).to.equal(0)
    await server.publish(anArchive())
    await eventually('the event is known', async () => {
      const { event } = await read(server)
      const { body } = await server.request.get(`/api/v1/events?after=${event}`)
      return event > 0 && body.items.length === 0
    })
  })
})

describe('the pages, where they were not built', () => {
  it('are none, and the server goes on without them', async () => {
    expect(await dashboardWhenAsked(await temporaryDirectory())()).to.equal(undefined)
  })
})
