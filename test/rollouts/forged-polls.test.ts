import { expect } from 'chai'
import { describeRollout } from '../../server/rollouts/describe-rollout.ts'
import { aShop, SECOND, type Shop, type SimulatedBot } from './runner-support.ts'

const CANARY = { steps: [1, '100%'], soak: 600 }

/** Somebody at another address who polls under the name of a bot, and shows nothing of what it is sent. */
function aForger(name: string): SimulatedBot {
  return {
    name,
    process: 'eeeeeeeeeeee4eee8eeeeeeeeeeeeeee',
    address: '203.0.113.9',
    broken: new Set([1, 2, 3, 4]),
    runs: null,
  }
}

describe('somebody who chooses a name that comes first by all that he knows', () => {
  const drawn = (byte: number) => (bytes: number) => Buffer.alloc(bytes, byte)

  /** The first of ten bots, where the server draws so. */
  async function canaryWith(random: (bytes: number) => Buffer): Promise<string | undefined> {
    const shop = await aShop(10, { random })
    await shop.promote(2, { policy: CANARY })
    return shop.underWay()?.steps[0]?.members[0]
  }

  it('comes first in one rollout and not in the same one elsewhere', async () => {
    const first = new Set<string | undefined>()
    for (let byte = 0; byte < 8; byte++) first.add(await canaryWith(drawn(byte)))
    expect(first.size).to.be.above(1)
  })

  it('is not told what was drawn', async () => {
    const shop = await aShop(3, { random: drawn(171) })
    await shop.promote(2, { policy: CANARY })
    const [stored] = await shop.stored()
    expect(stored?.order).to.equal('ab'.repeat(16))
    expect(JSON.stringify(describeRollout(stored!))).not.to.include(stored?.order)
  })

  it('finds the same order after the server has begun anew', async () => {
    const shop = await aShop(10)
    await shop.promote(2, { policy: { ...CANARY, steps: [1, '50%', '100%'] } })
    const before = shop.underWay()?.order
    await shop.restart()
    expect(before).to.match(/^[0-9a-f]{32}$/)
    expect(shop.underWay()?.order).to.equal(before)
  })
})

describe('somebody who polls from elsewhere under the name of a canary', () => {
  let shop: Shop
  let canary: SimulatedBot
  let forger: SimulatedBot

  beforeEach(async () => {
    shop = await aShop(3)
    await shop.promote(2, { policy: CANARY })
    const [name = ''] = shop.underWay()!.steps[0]!.members
    canary = shop.bots.find((bot) => bot.name === name)!
    forger = aForger(name)
  })

  /** The forger alone polls, so fast that no bot is heard between. */
  async function forge(times: number, apart = SECOND): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      shop.poll(forger)
      shop.clock.advance(apart)
      await shop.parts.judge.judgeAll()
    }
  }

  it('has no good release taken back by failing to load it: a person is told that this proves nothing', async () => {
    await shop.round(3)
    await forge(5)
    expect(shop.underWay()).to.include({ state: 'running' })
    expect(shop.underWay()?.reason).to.include('which proves nothing of release 2')
    expect(shop.underWay()?.to.release).to.equal(2)
  })

  it('has none taken back while the canary is silent and loads', async () => {
    shop.poll(canary)
    for (let turn = 0; turn < 12; turn++) {
      forger = { ...forger, process: `${turn.toString(16).padStart(8, '0')}eeee4eee8eeeeeeeeeeeeeee` }
      await forge(1, 11 * SECOND)
    }
    expect(shop.underWay()).to.include({ state: 'running', reason: null })
    await shop.round(2)
    expect(canary.runs).to.equal(2)
  })

  it('does not have the canary left alone with what it runs', async () => {
    await forge(5)
    await shop.round(2)
    expect(canary.runs).to.equal(2)
  })

  it('neither drives the canary out of its step nor back to the release before', async () => {
    await shop.round(2)
    expect(canary.runs).to.equal(2)
    for (let turn = 0; turn < 3; turn++) {
      await forge(1)
      await shop.round()
    }
    expect(canary.runs).to.equal(2)
    expect(shop.underWay()).to.include({ state: 'running', reason: null })
  })

  it('does not have a release go on that the canary cannot load', async () => {
    canary.broken.add(2)
    for (let turn = 0; turn < 8; turn++) {
      await forge(1)
      await shop.round()
    }
    expect((await shop.stored())[0]?.reason).to.match(/could not load release 2/)
    expect(await shop.tagAt()).to.equal(1)
  })
})
