import { expect } from 'chai'
import { aCatalog } from '../support/a-catalog.ts'
import { MODEL, TAG } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

describe('one of several servers that is failed over to a database which lacks the last changes', () => {
  it('knows no rollout that was lost, and begins another one', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    expect(server!.rollouts.find(MODEL, TAG)).to.deep.include({ endedAt: null })
    Object.assign(server!.catalog, standby.catalog)
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)).to.equal(null)
    await shop.promote(server!, 3)
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(3)
  })

  it('goes on with the rollout that it knows where a standby answers, which may take it in yet', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    shop.database = undefined
    Object.assign(server!.catalog, standby.catalog)
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(2)
  })

  it('knows the rollout that was given the numbers of changes of the one that was lost', async () => {
    const shop = await SharedShop.open(await aCatalog(), { bots: 2 })
    const standby = await SharedShop.open(await aCatalog(), { bots: 2 })
    const [server] = shop.servers
    await shop.promote(server!, 2)
    await standby.promote(standby.servers[0]!, 3)
    expect(await standby.catalog.listFleetRevisions()).to.deep.equal(await shop.catalog.listFleetRevisions())
    shop.database = 'second'
    Object.assign(server!.catalog, standby.catalog)
    await server!.fleet.compare()
    expect(server!.rollouts.find(MODEL, TAG)?.to.release).to.equal(3)
  })
})
