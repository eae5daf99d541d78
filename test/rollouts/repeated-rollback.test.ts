import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
import { aShop, digestOf, MODEL, TAG, type Shop } from './runner-support.ts'

/** Three bots that run release 2, and cannot load release 1 any more, to which they are being brought back. */
async function aRollback(): Promise<Shop> {
  const shop = await aShop(3)
  await shop.promote(2)
  await shop.round(3)
  for (const bot of shop.bots) bot.broken.add(1)
  await shop.rollBack({ release: 1 })
  return shop
}

async function pause(shop: Shop): Promise<void> {
  const id = shop.underWay()?.id ?? ''
  await shop.parts.control.steer({ model: MODEL, id, command: 'pause', by: 'ann', reason: null })
}

describe('a rollback that is sent again before bots have loaded what it goes back to', () => {
  it('with a policy of its own comes back to where the first came from, where bots cannot load it', async () => {
    const shop = await aRollback()
    await shop.promote(1, { policy: { maxUpdating: 1 } })
    expect(shop.underWay()?.from?.release).to.equal(2)
    await shop.round(12)
    expect((await shop.stored())[0]).to.include({ state: 'reverted' })
    expect(await shop.tagAt()).to.equal(2)
    expect(shop.running()).to.deep.equal([2, 2, 2])
  })

  it('with steps takes them', async () => {
    const shop = await aRollback()
    const { outcome } = await shop.promote(1, { policy: { steps: [1, '100%'] } })
    expect(outcome).to.equal('begun')
    expect(shop.underWay()?.steps.map(({ target }) => target)).to.deep.equal([1, '100%'])
  })

  it('after a pause comes back to where the first came from, too', async () => {
    const shop = await aRollback()
    await pause(shop)
    await shop.rollBack({ release: 1 })
    await shop.round(12)
    expect(await shop.tagAt()).to.equal(2)
  })

  it('is foreseen with the release that it comes back to', async () => {
    const shop = await aRollback()
    const policy = { maxUpdating: 1 }
    const foreseen = await shop.parts.control.preview({ model: MODEL, tag: TAG, release: 1, policy })
    expect(foreseen.from).to.equal(2)
  })

  it('is a rollback all the same: a promotion in its place goes back to what it leads to', async () => {
    const shop = await aRollback()
    await shop.promote(1, { policy: { maxUpdating: 1 } })
    await shop.promote(3)
    expect(shop.underWay()?.from?.release).to.equal(1)
  })
})

describe('a promotion in place of a rollback', () => {
  it('that bots were seen unable to load goes back to what they run', async () => {
    const shop = await aShop(3)
    await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy: { onFail: 'pause' }, by: 'ann' })
    await shop.promote(2)
    await shop.round(3)
    for (const bot of shop.bots) bot.broken.add(1)
    await shop.rollBack({ release: 1 })
    await shop.round(12)
    expect(shop.underWay()).to.include({ state: 'paused' })
    await shop.promote(3)
    expect(shop.underWay()?.from?.release).to.equal(2)
  })

  it('needs force where it brings bots back to what was taken back', async () => {
    const shop = await aRollback()
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: shop.clock.now(), reason: 'it did not load' }),
    )
    expect(await rejection(shop.promote(2))).to.have.property('code', 'release-quarantined')
    expect(shop.underWay()).to.include({ state: 'running' })
    expect((await shop.promote(2, { force: true })).outcome).to.equal('moved')
  })
})

describe('an abort of a rollback', () => {
  it('needs no force, wherever it leads', async () => {
    const shop = await aRollback()
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: shop.clock.now(), reason: 'it did not load' }),
    )
    const id = shop.underWay()?.id ?? ''
    const order = { model: MODEL, id, command: 'abort', by: 'ann', reason: null } as const
    const aborted = await shop.parts.control.steer(order)
    expect(aborted.goal).to.equal('aborted')
  })
})
