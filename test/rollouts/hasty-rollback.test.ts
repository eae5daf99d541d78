import { expect } from 'chai'
import { aShop, MODEL, TAG, type Shop } from './runner-support.ts'

/** Three bots that run release 2, and update one after the other from now on. */
async function aCarefulShop(): Promise<Shop> {
  const shop = await aShop(3)
  await shop.promote(2)
  await shop.round(3)
  const policy = { maxUpdating: 1, drain: 30 }
  await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy, by: 'ann' })
  return shop
}

describe('a rollback with now', () => {
  it('has all bots go back at their next polls, whatever maxUpdating and drain say', async () => {
    const shop = await aCarefulShop()
    await shop.rollBack({ now: true })
    await shop.round()
    expect(shop.running()).to.deep.equal([1, 1, 1])
  })

  it('sent again for a rollback under way has the bots that wait go back at once', async () => {
    const shop = await aCarefulShop()
    await shop.rollBack({ release: 1 })
    await shop.round()
    expect(shop.running()).to.deep.equal([2, 2, 2])
    const { outcome } = await shop.rollBack({ release: 1, now: true })
    expect(outcome).to.equal('moved')
    await shop.round()
    expect(shop.running()).to.deep.equal([1, 1, 1])
  })

  it('sent twice begins once', async () => {
    const shop = await aCarefulShop()
    await shop.rollBack({ release: 1, now: true })
    const { outcome } = await shop.rollBack({ release: 1, now: true })
    expect(outcome).to.equal('unchanged')
  })

  it('that names no release aborts a promotion under way, with the same haste', async () => {
    const shop = await aCarefulShop()
    await shop.promote(3, { policy: { maxUpdating: null, drain: 0 } })
    await shop.round()
    expect(shop.running()).to.deep.equal([3, 3, 3])
    await shop.rollBack({ now: true })
    expect(shop.underWay()).to.include({ state: 'reverting', hasty: true })
  })

  it('hastens an abort that is under way', async () => {
    const shop = await aShop(3)
    await shop.promote(2, { policy: { maxUpdating: 1, drain: 30 } })
    await shop.rollBack()
    expect(shop.underWay()).to.include({ state: 'reverting', hasty: false })
    await shop.rollBack({ release: 1, now: true })
    expect(shop.underWay()).to.include({ state: 'reverting', hasty: true })
  })
})
