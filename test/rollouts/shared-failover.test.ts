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
})
