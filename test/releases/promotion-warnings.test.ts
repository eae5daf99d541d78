import { expect } from 'chai'
import { promotionWarnings } from '../../server/releases/promotion-warnings.ts'
import type { PolicyFields } from '../../server/releases/tag-mover.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aShop, digestOf, MODEL, TAG, type Shop } from '../rollouts/runner-support.ts'

const STEPS = { policy: { steps: [1, '100%'], soak: 600 } }

/** What a dry run of a promotion warns of. */
async function warned(
  { parts, catalog }: Shop,
  release: number,
  namesNone = false,
  policy?: PolicyFields,
): Promise<string[]> {
  const move = { model: MODEL, tag: TAG, release, isRollback: namesNone }
  const { outcome, from, steps } = await parts.control.preview({ ...move, policy })
  const foreseen = { ...move, outcome, from, steps: steps.length, namesNone }
  const warnings = await promotionWarnings(catalog, foreseen)
  return warnings.map(({ code }) => code)
}

describe('a dry run of a promotion of what was taken back from bots', () => {
  it('says that it needs force where it would abort a rollout, and not where a rollback names no release', async () => {
    const shop = await aShop(3)
    await shop.promote(2, STEPS)
    await shop.takeBack(1)
    expect(await warned(shop, 1)).to.deep.equal(['release-quarantined'])
    expect(await warned(shop, 1, true)).to.deep.equal([])
    expect(await rejection(shop.promote(1))).to.have.property('code', 'release-quarantined')
  })

  it('lifts no quarantine by force where it aborts a rollout, as `abort` does not', async () => {
    const shop = await aShop(3)
    await shop.promote(2, STEPS)
    await shop.takeBack(1)
    expect((await shop.rollBack({ release: 1, force: true })).outcome).to.equal('aborted')
    expect(await shop.parts.control.findQuarantine(MODEL, digestOf(1))).to.be.an('object')
  })

  it('says that its rollout is paused, and nothing else, as the promotion would change nothing', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.pause()
    await shop.takeBack(2)
    expect(await warned(shop, 2)).to.deep.equal(['rollout-paused'])
    const { outcome, warnings } = await shop.promote(2)
    expect(outcome).to.equal('unchanged')
    expect(warnings.map(({ code }) => code)).to.deep.equal(['rollout-paused'])
  })

  it('says nothing where bots go back to it already', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(1)
    await shop.takeBack(1)
    await shop.rollBack()
    expect(await warned(shop, 1)).to.deep.equal([])
    expect((await shop.promote(1)).outcome).to.equal('unchanged')
  })

  it('says nothing where a rollout brings it out already', async () => {
    const shop = await aShop(3)
    await shop.promote(2, STEPS)
    await shop.takeBack(2)
    expect(await warned(shop, 2)).to.deep.equal([])
    expect((await shop.promote(2)).outcome).to.equal('unchanged')
  })
})

describe('a promotion with steps while the release before is still on its way', () => {
  it('is warned of, before and when it begins: bots that run that one go back until the last step', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(1)
    expect(shop.running()).to.deep.equal([2, 2, 2])
    expect(await warned(shop, 3, false, STEPS.policy)).to.deep.equal(['goes-back'])
    const { warnings } = await shop.promote(3, STEPS)
    expect(warnings.map(({ message }) => message)).to.deep.equal([
      'shop@production: not all bots were seen running release 2: those that run it go back to release 1 until the last step of the rollout of release 3',
    ])
  })

  it('is not warned of where all bots run the release before, nor where it has no steps', async () => {
    const shop = await aShop(3)
    await shop.promote(2)
    await shop.round(1)
    expect(await warned(shop, 3)).to.deep.equal([])
    await shop.round(2)
    expect(await warned(shop, 3, false, STEPS.policy)).to.deep.equal([])
    expect((await shop.promote(3, STEPS)).warnings).to.deep.equal([])
  })
})
