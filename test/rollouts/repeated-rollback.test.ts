import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
import { aRelease } from '../support/a-release.ts'
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

  it('takes no steps, which would bring bots that came back already to what was rejected', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(3)
    await shop.rollBack({ release: 1 })
    await shop.round(1)
    expect(shop.running()).to.deep.equal([1, 1, 1])
    const policy = { steps: [1, '100%'], soak: 600 }
    const foreseen = await shop.parts.control.preview({ model: MODEL, tag: TAG, release: 1, policy })
    await shop.promote(1, { policy })
    await shop.round(3)
    expect(await shop.tagAt()).to.equal(1)
    expect(shop.running()).to.deep.equal([1, 1, 1])
    expect(foreseen.steps.map(({ target }) => target)).to.deep.equal(['100%'])
  })

  it('on a tag with steps takes none after a pause either', async () => {
    const shop = await aRollback()
    const policy = { steps: [1, '100%'], soak: 600 }
    await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy, by: 'ann' })
    await shop.pause()
    await shop.promote(1)
    expect(await shop.tagAt()).to.equal(1)
    expect(shop.underWay()?.steps).to.have.length(1)
  })

  it('twice with the same policy begins once', async () => {
    const shop = await aRollback()
    const policy = { steps: [1, '100%'], maxUpdating: 1 }
    await shop.promote(1, { policy })
    expect((await shop.promote(1, { policy })).outcome).to.equal('unchanged')
  })

  it('after a pause comes back to where the first came from, too', async () => {
    const shop = await aRollback()
    await shop.pause()
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

describe('a promotion of the bytes that are stable under another number', () => {
  it('sent twice with the same policy, which has steps, begins once', async () => {
    const shop = await aShop(3)
    await shop.catalog.write(MODEL, (writer) => writer.insertRelease(aRelease({ digest: digestOf(1) })))
    await shop.promote(2, { policy: { steps: [1, '100%'] } })
    const [same] = await shop.catalog.listReleases(MODEL, { limit: 1 })
    const policy = { steps: [1, '100%'], maxUpdating: 1 }
    const again = () => shop.promote(same?.number ?? 0, { policy })
    expect((await again()).outcome).to.equal('moved')
    expect((await again()).outcome).to.equal('unchanged')
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

  it('that a bot failed to load, and none runs, goes back to what they run, before there is a verdict', async () => {
    const shop = await aRollback()
    await shop.round(2)
    expect(shop.underWay()).to.include({ state: 'running' })
    const foreseen = await shop.parts.control.preview({ model: MODEL, tag: TAG, release: 3 })
    await shop.promote(3)
    expect(shop.underWay()?.from?.release).to.equal(2)
    expect(foreseen.from).to.equal(2)
  })

  it('needs force where it brings bots back to what was taken back', async () => {
    const shop = await aRollback()
    await shop.takeBack(2)
    expect(await rejection(shop.promote(2))).to.have.property('code', 'release-quarantined')
    expect(shop.underWay()).to.include({ state: 'running' })
    expect((await shop.promote(2, { force: true })).outcome).to.equal('moved')
  })
})

describe('a rollback that names what was taken back, and what the one under way came from', () => {
  it('needs force', async () => {
    const shop = await aRollback()
    await shop.takeBack(2)
    expect(await rejection(shop.rollBack({ release: 2 }))).to.have.property('code', 'release-quarantined')
    expect((await shop.rollBack({ release: 2, force: true })).outcome).to.equal('moved')
  })
})

describe('an abort of a rollback', () => {
  it('needs no force, wherever it leads', async () => {
    const shop = await aRollback()
    await shop.takeBack(2)
    const id = shop.underWay()?.id ?? ''
    const order = { model: MODEL, id, command: 'abort', by: 'ann', reason: null } as const
    const aborted = await shop.parts.control.steer(order)
    expect(aborted.goal).to.equal('aborted')
  })
})

describe('a promotion in place of one away from what was taken back by bots of another tag', () => {
  it('brings no bot back to that, and foresees so', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(3)
    await shop.takeBack(2)
    await shop.promote(1)
    for (const bot of shop.bots.slice(1)) shop.poll(bot)
    const policy = { steps: [1, '100%'], soak: 600 }
    const foreseen = await shop.parts.control.preview({ model: MODEL, tag: TAG, release: 3, policy })
    await shop.promote(3, { policy })
    await shop.round(4)
    expect(await shop.tagAt()).to.equal(1)
    expect(shop.running().toSorted()).to.deep.equal([1, 1, 3])
    expect(foreseen.from).to.equal(1)
  })
})

describe('a canary of what replaces a release that was taken back meanwhile', () => {
  it('keeps its steps where it is promoted again', async () => {
    const shop = await aShop(4)
    const policy = { steps: [1, '100%'], soak: 600 }
    await shop.promote(2, { policy })
    await shop.takeBack(1)
    await shop.pause()
    await shop.promote(2, { policy: { ...policy, soak: 300 } })
    expect(shop.underWay()?.steps).to.have.length(2)
    expect(await shop.tagAt()).to.equal(1)
  })
})

describe('two rollbacks at the same moment that name no release', () => {
  const both = async (shop: Shop) => {
    const outcomes = await Promise.all([shop.rollBack(), shop.rollBack()])
    return outcomes.map(({ outcome, tag: { release } }) => [outcome, release])
  }

  it('go one release back together: both mean the same one', async () => {
    const shop = await aShop(3)
    for (const release of [2, 3]) {
      await shop.promote(release)
      await shop.round(3)
    }
    expect(await both(shop)).to.deep.equal([
      ['moved', 2],
      ['unchanged', 2],
    ])
    expect(await shop.tagAt()).to.equal(2)
  })

  it('abort the rollout under way once', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(3)
    await shop.promote(3)
    expect(await both(shop)).to.deep.equal([
      ['moved', 2],
      ['unchanged', 2],
    ])
    expect(await shop.tagAt()).to.equal(2)
  })
})
