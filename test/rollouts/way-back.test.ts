import { expect } from 'chai'
import type { PolicyFields } from '../../server/releases/tag-mover.ts'
import { aShop, digestOf, MODEL, TAG, type Shop } from './runner-support.ts'

const CANARY = { steps: [1, '100%'], deadline: 600 }

describe('a rollout that goes back by itself', () => {
  const unsendable = new Set<number>()
  /** Of which releases storage was asked. */
  const asked = new Set<number>()
  let shop: Shop

  beforeEach(async () => {
    unsendable.clear()
    const canBeSent = ({ number }: { number: number }) => {
      asked.add(number)
      return Promise.resolve(!unsendable.has(number))
    }
    shop = await aShop(3, { canBeSent })
  })

  const publish = async (number: number, policy?: PolicyFields) => {
    await shop.parts.runner.changeTags(MODEL, (change) =>
      change.move({
        tag: 'latest',
        to: { number, digest: digestOf(number) },
        by: 'ci',
        reason: null,
        policy,
      }),
    )
  }
  const latest = async () => (await shop.catalog.findTag(MODEL, 'latest'))?.release
  const abort = async (tag: string) => {
    const id = shop.parts.rollouts.find(MODEL, tag)?.id ?? ''
    await shop.parts.control.steer({ model: MODEL, id, command: 'abort', by: 'ann', reason: null })
  }

  const fail = async (number: number, more: Parameters<Shop['promote']>[1] = {}) => {
    for (const bot of shop.bots) bot.broken.add(number)
    await shop.promote(number, more)
    await shop.round(8)
  }
  const bringOut = async (number: number) => {
    await shop.promote(number)
    await shop.round(3)
    expect(shop.running()).to.deep.equal([number, number, number])
  }
  const last = async () => (await shop.stored())[0]

  it('passes over a release whose archive cannot be sent, and brings every bot to the one before', async () => {
    await bringOut(2)
    unsendable.add(2)
    await fail(3)
    expect(await shop.tagAt()).to.equal(1)
    expect(shop.running()).to.deep.equal([1, 1, 1])
    expect(await last()).to.include({ state: 'reverted' })
    expect((await last())?.reason).to.match(
      /, 0 run it: back to 1, as the archive of release 2 is damaged or missing$/,
    )
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(3))).not.to.equal(undefined)
    const [move] = await shop.catalog.tagHistory(MODEL, TAG, { limit: 1 })
    expect(move).to.include({ from: 3, to: 1, movedBy: 'slipway' })
  })

  it('passes over those that were taken back as well', async () => {
    await bringOut(2)
    await bringOut(3)
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: 0, reason: 'bad' }),
    )
    unsendable.add(3)
    await fail(4)
    expect(await shop.tagAt()).to.equal(1)
  })

  it('has not ended while one of its bots is left with the release that cannot be sent', async () => {
    await bringOut(2)
    unsendable.add(2)
    const policy = { steps: ['100%'], maxUpdating: 1 }
    for (const bot of shop.bots) bot.broken.add(3)
    await shop.promote(3, { policy })
    for (let turn = 0; turn < 40 && shop.underWay() !== null; turn++) {
      const seen = shop.running()
      if ((await last())?.state === 'reverted') expect(seen).to.deep.equal([1, 1, 1])
      await shop.round()
    }
    expect(await last()).to.include({ state: 'reverted' })
    expect(shop.running()).to.deep.equal([1, 1, 1])
  })

  it('is paused where no release before can be sent, and says why', async () => {
    unsendable.add(1)
    await fail(2)
    expect(shop.underWay()).to.include({ state: 'paused' })
    expect(shop.underWay()?.reason).to.match(
      /, 0 run it: paused, as the archive of release 1 is damaged or missing$/,
    )
    expect(await shop.tagAt()).to.equal(2)
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(2))).to.equal(undefined)
  })

  it('moves no bot that never had the new release: it is paused before its last step', async () => {
    await bringOut(2)
    unsendable.add(2)
    await fail(3, { policy: CANARY })
    expect(shop.underWay()).to.include({ state: 'paused', step: 0 })
    expect(shop.underWay()?.reason).to.include('paused, as the archive of release 2 is damaged or missing')
    expect(await shop.tagAt()).to.equal(2)
    expect(shop.running()).to.deep.equal([2, 2, 2])
  })

  it('goes back once the archive is sound again', async () => {
    unsendable.add(1)
    await fail(2, { policy: CANARY })
    const events = await shop.catalog.listEventsAfter(0, 1000)
    await shop.round(3)
    expect(await shop.catalog.listEventsAfter(0, 1000), 'nothing is told twice').to.have.length(events.length)
    unsendable.clear()
    await shop.round(2)
    expect(await last()).to.include({ state: 'reverted' })
    expect((await last())?.reason).to.match(/back to 1$/)
  })

  it('asks storage for no other archive while it is paused before its last step', async () => {
    await publish(3)
    await publish(4)
    unsendable.add(1)
    await fail(2, { policy: CANARY })
    expect(shop.underWay()).to.include({ state: 'paused', step: 0 })
    asked.clear()
    await shop.round(2)
    expect([...asked]).to.deep.equal([1])
  })

  const failToTell = async () => {
    unsendable.add(1)
    for (const bot of shop.bots) bot.runs = 1
    await shop.promote(2, { policy: { ...CANARY, deadline: 1, onInconclusive: 'revert', maxUpdating: 1 } })
    shop.clock.advance(10_000)
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()?.reason).to.match(/: paused, as the archive of release 1 is damaged or missing$/)
  }

  it('is paused, too, where its step is inconclusive and the policy would have it go back', failToTell)

  it('goes back once the archive is sound again, also where its step is inconclusive', async () => {
    await failToTell()
    const events = await shop.catalog.listEventsAfter(0, 1000)
    await shop.parts.judge.judgeAll()
    expect(await shop.catalog.listEventsAfter(0, 1000), 'nothing is told twice').to.have.length(events.length)
    unsendable.clear()
    await shop.parts.judge.judgeAll()
    await shop.parts.judge.judgeAll()
    expect(await last()).to.include({ state: 'reverted' })
    expect((await last())?.reason).to.match(/^no further bot of step 1 loaded release 2 .*: back to 1$/)
  })

  it('has `latest` pass over releases whose archive cannot be sent', async () => {
    for (const number of [3, 1, 2]) await publish(number)
    unsendable.add(1)
    await bringOut(4)
    await fail(2)
    expect(await shop.tagAt()).to.equal(4)
    expect(await latest()).to.equal(3)
  })

  it('has `latest` pass over them, too, where somebody aborts its rollout and it cannot stay', async () => {
    for (const number of [3, 1, 2]) await publish(number)
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: 0, reason: 'bad' }),
    )
    await publish(4, CANARY)
    unsendable.add(1)
    await abort('latest')
    expect(await latest()).to.equal(3)
  })

  it('has an abort of the rollout of another tag wait for no storage', async () => {
    await publish(3)
    await publish(1)
    await shop.promote(2, { policy: CANARY })
    asked.clear()
    await abort(TAG)
    expect(shop.underWay()).to.include({ state: 'reverting' })
    expect([...asked]).to.deep.equal([])
  })
})
