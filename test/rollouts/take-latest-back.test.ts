import { expect } from 'chai'
import type { PolicyFields } from '../../server/releases/tag-mover.ts'
import type { PollAnswer } from '../../server/rollouts/poll-answer.ts'
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

const LATEST = 'latest'
const CANARY = { steps: [1, '100%'], deadline: 600 }

/** Bots of `production` that cannot load release 2, which `latest` came to point at when it was published. */
describe('`latest` where another tag took its release back', () => {
  let shop: Shop

  const takeBackFromProduction = async () => {
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2, { policy: CANARY })
    await shop.round(8)
    expect((await shop.stored())[0]).to.include({ state: 'reverted' })
  }
  const publish = (number: number, policy?: PolicyFields) =>
    shop.parts.runner.changeTags(MODEL, (change) =>
      change.move({ tag: LATEST, to: { number, digest: digestOf(number) }, by: 'ci', reason: null, policy }),
    )
  const latest = async () => (await shop.catalog.findTag(MODEL, LATEST))?.release
  const pollLatest = (bot: SimulatedBot): PollAnswer | undefined => {
    const answer = shop.parts.answer(MODEL, LATEST, pollerOf(bot), shop.clock.now())
    loadAnswer(bot, answer)
    return answer
  }

  const untilLatestIsDone = async () => {
    const bot = aSimulatedBot(21)
    while (shop.parts.rollouts.find(MODEL, LATEST) !== null) {
      pollLatest(bot)
      await shop.round()
    }
  }

  /** `latest` points at release 2, which `production` takes back, and a canary of `latest` has release 3. */
  const takeBackWhileNextIsOnItsWay = async (policy: PolicyFields = {}) => {
    const other = aSimulatedBot(11)
    pollLatest(other)
    pollLatest(other)
    await publish(2)
    await untilLatestIsDone()
    await shop.parts.control.setPolicy({ model: MODEL, tag: LATEST, policy, by: 'ann' })
    await publish(3, { ...CANARY, soak: 600 })
    await takeBackFromProduction()
  }

  beforeEach(async () => {
    shop = await aShop(3)
    await publish(1)
  })

  it('goes back too, and its history says who did it and why', async () => {
    await publish(2)
    await takeBackFromProduction()
    expect(await latest()).to.equal(1)
    const [move] = await shop.catalog.tagHistory(MODEL, LATEST, { limit: 1 })
    expect(move).to.include({ from: 2, to: 1, movedBy: 'slipway' })
    expect(move?.reason).to.match(/^taken back from "production": .* could not load release 2/)
  })

  it('says where it goes itself, not where the other tag went', async () => {
    await publish(3)
    await untilLatestIsDone()
    await publish(2)
    await untilLatestIsDone()
    await takeBackFromProduction()
    expect((await shop.stored())[0]?.reason).to.match(/, 0 run it: back to 1$/)
    const [move] = await shop.catalog.tagHistory(MODEL, LATEST, { limit: 1 })
    expect(move?.reason).to.match(/^taken back from "production": .*\), 0 run it: back to 3$/)
  })

  it('gives a new bot the release before, and takes the bad one back from those that have it', async () => {
    await publish(2)
    const [had, fresh] = [aSimulatedBot(11), aSimulatedBot(12)]
    pollLatest(had)
    pollLatest(had)
    expect(had.runs).to.equal(2)
    await takeBackFromProduction()
    expect(pollLatest(fresh)).to.deep.include({ kind: 'serve' })
    expect(fresh.runs).to.equal(1)
    pollLatest(had)
    expect(had.runs).to.equal(1)
  })

  it('has a rollout of the release with steps aborted', async () => {
    const other = aSimulatedBot(11)
    pollLatest(other)
    pollLatest(other)
    await publish(2, { ...CANARY, soak: 600 })
    await takeBackFromProduction()
    const [rollout] = await shop.catalog.listRollouts(MODEL, LATEST, { limit: 1 })
    expect(rollout).to.include({ goal: 'aborted' })
    expect(rollout?.reason).to.match(/^taken back from "production": /)
    expect(await latest()).to.equal(1)
  })

  it('passes over a release that was taken back before', async () => {
    await publish(3)
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(3), { at: 0, reason: 'bad before' }),
    )
    await publish(2)
    await untilLatestIsDone()
    await takeBackFromProduction()
    expect(await latest()).to.equal(1)
  })

  it('goes beyond both where the bots of a tag could not load the next release either', async () => {
    await publish(2)
    await untilLatestIsDone()
    await publish(3)
    await takeBackFromProduction()
    expect(await latest()).to.equal(3)
    for (const bot of shop.bots) bot.broken.add(3)
    await shop.promote(3, { policy: CANARY })
    await shop.round(8)
    expect((await shop.stored())[0]).to.include({ state: 'reverted' })
    expect(await latest()).to.equal(1)
  })

  it('goes beyond it where somebody aborts the rollout of the next one, which would lead back to it', async () => {
    await takeBackWhileNextIsOnItsWay()
    expect(await latest()).to.equal(2)
    const id = shop.parts.rollouts.find(MODEL, LATEST)?.id ?? ''
    const steered = await shop.parts.control.steer({
      model: MODEL,
      id,
      command: 'abort',
      by: 'ann',
      reason: null,
    })
    expect(steered).to.include({
      state: 'replaced',
      reason: 'aborted by ann; replaced by a rollback to release 1 by slipway',
    })
    expect(await latest()).to.equal(1)
    const [move] = await shop.catalog.tagHistory(MODEL, LATEST, { limit: 1 })
    expect(move).to.include({ from: 2, to: 1, movedBy: 'slipway' })
    expect(move?.reason).to.match(/^release 2 was taken back before: .* could not load release 2/)
  })

  for (const [hasty, places] of [
    [true, { maxUpdating: null, drain: 0 }],
    [false, { maxUpdating: 1, drain: 30 }],
  ] as const) {
    it(`goes beyond it ${hasty ? 'in haste' : 'within maxUpdating and drain'} where that rollout is aborted ${hasty ? 'so' : 'without haste'}`, async () => {
      await takeBackWhileNextIsOnItsWay({ maxUpdating: 1, drain: 30 })
      const id = shop.parts.rollouts.find(MODEL, LATEST)?.id ?? ''
      await shop.parts.control.steer({ model: MODEL, id, command: 'abort', by: 'ann', reason: null, hasty })
      const rollout = shop.parts.rollouts.find(MODEL, LATEST)
      expect(rollout?.to.release).to.equal(1)
      expect(rollout?.policy).to.include(places)
    })
  }

  it('goes beyond it by a rollback that names no release during the rollout of the next one', async () => {
    await takeBackWhileNextIsOnItsWay()
    await shop.rollBack({ tag: LATEST })
    expect(await latest()).to.equal(1)
  })

  it('stays where it points at another release', async () => {
    await publish(3)
    await takeBackFromProduction()
    expect(await latest()).to.equal(3)
  })

  it('stays where nothing is before it, and the tag that failed goes back all the same', async () => {
    shop = await aShop(3)
    await publish(2)
    await takeBackFromProduction()
    expect(await latest()).to.equal(2)
    expect(await shop.tagAt()).to.equal(1)
  })

  describe('while its own bots fail the next one', () => {
    const others = [11, 12, 13].map(aSimulatedBot)
    const policy = { steps: ['100%'], deadline: 600 } as const
    const round = async (times: number) => {
      for (let turn = 0; turn < times; turn++) {
        for (const bot of others) pollLatest(bot)
        await shop.round()
      }
    }

    beforeEach(async () => {
      for (const bot of others) Object.assign(bot, { broken: new Set(), runs: null })
      await round(3)
      await publish(2)
      await round(5)
      expect(others.map(({ runs }) => runs)).to.deep.equal([2, 2, 2])
      for (const bot of others) bot.broken.add(3)
      for (const bot of shop.bots) bot.broken.add(2)
    })

    it('goes one further where it was going back to that release', async () => {
      others[0]?.broken.delete(3)
      await publish(3, policy)
      await round(5)
      expect(shop.parts.rollouts.find(MODEL, LATEST)).to.include({ state: 'reverting' })
      await takeBackFromProduction()
      expect(await latest()).to.equal(1)
      await round(6)
      expect(others.map(({ runs }) => runs)).to.deep.equal([1, 1, 1])
    })

    it('goes one further where it goes back to that release later', async () => {
      await publish(3, policy)
      await takeBackFromProduction()
      expect(await latest()).to.equal(3)
      await round(6)
      expect(await latest()).to.equal(1)
      const [move] = await shop.catalog.tagHistory(MODEL, LATEST, { limit: 1 })
      expect(move).to.include({ from: 2, to: 1, movedBy: 'slipway' })
      expect(move?.reason).to.match(/^release 2 was taken back before: .* could not load release 2/)
      await round(6)
      expect(others.map(({ runs }) => runs)).to.deep.equal([1, 1, 1])
    })
  })
})
