import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
import {
  aShop,
  aSimulatedBot,
  digestOf,
  loadAnswer,
  MODEL,
  pollerOf,
  type Shop,
  type SimulatedBot,
} from './runner-support.ts'

const STAGING = 'staging'
const CANARY = { steps: [1, '100%'], deadline: 600 }

/** The bots of one tag could not load release 2 while a rollout of it was under way on another tag. */
describe('a release that is quarantined while it is rolled out on another tag, too', () => {
  let shop: Shop
  let others: SimulatedBot[]

  const round = async (times: number) => {
    for (let turn = 0; turn < times; turn++) {
      for (const bot of others)
        loadAnswer(bot, shop.parts.answer(MODEL, STAGING, pollerOf(bot), shop.clock.now()))
      await shop.round()
    }
  }
  const rolloutThere = async () => (await shop.catalog.listRollouts(MODEL, STAGING, { limit: 1 }))[0]

  beforeEach(async () => {
    others = [11, 12].map(aSimulatedBot)
    shop = await aShop(3)
    await shop.promote(1, { tag: STAGING })
    await round(3)
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2, { policy: CANARY })
    await shop.promote(2, { tag: STAGING, policy: { ...CANARY, soak: 20 } })
    await round(8)
  })

  it('goes on there: the bots that have it keep it, and no step has changed', async () => {
    expect((await shop.stored())[0]).to.include({ state: 'reverted' })
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(2))).not.to.equal(undefined)
    expect(await rolloutThere()).to.include({ state: 'running', step: 0 })
    expect(others.map(({ runs }) => runs).toSorted()).to.deep.equal([1, 2])
  })

  it('is judged there by the bots of that tag alone, to the end, and needs force only for its next promotion', async () => {
    await round(60)
    expect(await rolloutThere()).to.include({ state: 'done' })
    expect(others.map(({ runs }) => runs)).to.deep.equal([2, 2])
    expect(shop.running()).to.deep.equal([1, 1, 1])
    await shop.promote(3, { tag: STAGING })
    await round(4)
    const refusal = await rejection(shop.promote(2, { tag: STAGING }))
    expect(refusal).to.include({ code: 'release-quarantined' })
    expect((await shop.promote(2, { tag: STAGING, force: true })).outcome).to.equal('moved')
  })
})
