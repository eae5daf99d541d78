import { expect } from 'chai'
import { aShop, SECOND, type Shop } from './runner-support.ts'

const SOAK = 1_800

/** How long judging rests after the clock was set, in seconds. */
const REST = 610
const HOURS = 2 * 3_600 * SECOND

/** A server whose clock may be set, beside one that only runs. */
async function aShopWithStopwatch() {
  let elapsed = 0
  const shop = await aShop(3, { monotonic: () => elapsed })
  /** Bots poll and are judged every ten seconds. */
  const pass = async (seconds: number, bots = shop.bots): Promise<void> => {
    for (let left = seconds; left > 0; left -= 10) {
      for (const bot of bots) shop.poll(bot)
      elapsed += 10 * SECOND
      shop.clock.advance(10 * SECOND)
      await shop.parts.judge.judgeAll()
    }
  }
  // Judging rests at first: what came before stood on the clock alone.
  await pass(REST)
  const setClock = (milliseconds: number): void => {
    shop.clock.advance(milliseconds)
    shop.parts.tracker.tick()
  }
  return { shop, pass, setClock }
}

/** Seconds until a rollout is beyond its first step. */
async function secondsOfFirstStep(shop: Shop, pass: (seconds: number) => Promise<void>): Promise<number> {
  for (let seconds = 0; seconds < 3 * SOAK; seconds += 10) {
    const rollout = shop.underWay()
    if (rollout === null || rollout.step > 0) return seconds
    await pass(10)
  }
  return Infinity
}

describe('a rollout, when the clock is set', () => {
  for (const [name, jump] of [
    ['forward', HOURS],
    ['back', -HOURS],
  ] as const) {
    it(`${name}, soaks for as long as it is meant to, but for the time in which judging rests`, async () => {
      const { shop, pass, setClock } = await aShopWithStopwatch()
      await shop.promote(2, { policy: { steps: [1, '100%'], soak: SOAK } })
      await pass(600)
      setClock(jump)
      expect(600 + (await secondsOfFirstStep(shop, pass))).to.be.within(SOAK, SOAK + REST + 30)
    })

    it(`${name}, comes to its deadline no sooner and no later, but for that time`, async () => {
      const { shop, pass, setClock } = await aShopWithStopwatch()
      await shop.promote(2, { policy: { steps: [1, '100%'], deadline: 1_200 } })
      await pass(60, [])
      setClock(jump)
      await pass(REST + 1_100, [])
      expect(shop.underWay()).to.include({ state: 'running', step: 0 })
      await pass(120, [])
      expect(shop.underWay()).to.include({ state: 'paused', step: 0 })
    })
  }

  it('back, has a bot drain no longer than it would', async () => {
    const { shop, pass, setClock } = await aShopWithStopwatch()
    await shop.promote(2, { policy: { maxUpdating: 1, drain: 60 } })
    await pass(20)
    expect(shop.running()).to.deep.equal([1, 1, 1])
    setClock(-HOURS)
    await pass(60)
    expect(shop.running()).to.include(2)
  })

  it('back, counts bots as evidence that were seen to load while it was ahead', async () => {
    const { shop, setClock } = await aShopWithStopwatch()
    setClock(-HOURS)
    await shop.promote(2, { policy: { steps: [1, '100%'] } })
    expect(shop.underWay()?.steps[0]?.members).to.have.length(1)
  })
})
