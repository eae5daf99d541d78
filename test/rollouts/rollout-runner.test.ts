import { expect } from 'chai'
import { deleteRelease } from '../../server/releases/delete-release.ts'
import { deleteTag } from '../../server/releases/delete-tag.ts'
import { setDefaultTag } from '../../server/releases/set-default-tag.ts'
import type { RolloutCommand } from '../../server/rollouts/steer-rollout.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aShop, digestOf, MODEL, SECOND, TAG, type Shop } from './runner-support.ts'

const CANARY = { steps: [1, '50%', '100%'], deadline: 600 }

describe('a promotion', () => {
  let shop: Shop

  beforeEach(async () => {
    shop = await aShop(4)
  })

  it('without a policy moves the tag at once, and is done when every bot runs it', async () => {
    const { tag, outcome } = await shop.promote(2)
    expect([tag.release, outcome]).to.deep.equal([2, 'moved'])
    expect(shop.underWay()).to.include({ state: 'running', tagMoved: true })
    await shop.round(3)
    expect(shop.running()).to.deep.equal([2, 2, 2, 2])
    expect((await shop.stored())[0]).to.include({ state: 'done', reason: null })
    expect(shop.underWay()).to.equal(null)
  })

  it('goes through its steps, and moves the tag with the last one', async () => {
    const { tag, outcome } = await shop.promote(2, { policy: CANARY })
    expect([tag.release, outcome]).to.deep.equal([1, 'begun'])
    await shop.round()
    expect(shop.running().filter((runs) => runs === 2)).to.have.length(1)
    await shop.round(2)
    expect(shop.underWay()).to.include({ step: 1 })
    expect(await shop.tagAt()).to.equal(1)
    await shop.round(6)
    expect(shop.running()).to.deep.equal([2, 2, 2, 2])
    expect(await shop.tagAt()).to.equal(2)
    expect((await shop.stored())[0]).to.include({ state: 'done' })
    expect(await shop.catalog.findTag(MODEL, TAG)).to.include({ movedBy: 'slipway' })
    expect((await shop.catalog.findTag(MODEL, TAG))?.reason).to.match(/bots? of step 2 run release 2/)
  })

  it('of a release that bots cannot load is taken back, quarantined, and touches one of them', async () => {
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2, { policy: CANARY })
    await shop.round(8)
    expect(shop.running()).to.deep.equal([1, 1, 1, 1])
    const [rollout] = await shop.stored()
    expect(rollout).to.include({ state: 'reverted' })
    expect(rollout?.reason).to.match(/^1 of 1 bots could not load release 2 .*: back to 1$/)
    const touched = [...shop.parts.tracker.memory.records()].filter(
      ({ record }) => record.failures.length > 0,
    )
    expect(touched).to.have.length(1)
    expect(await rejection(shop.promote(2))).to.include({ code: 'release-quarantined' })
    expect((await shop.promote(2, { force: true })).outcome).to.equal('moved')
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(2))).to.equal(undefined)
  })

  it('is paused and aborted without a look at the bots, of which there may be 50,000', async () => {
    await shop.promote(2, { policy: CANARY })
    const { control, tracker } = shop.parts
    const { memory } = tracker
    const bots = memory.bots.bind(memory)
    let looks = 0
    memory.bots = (model) => {
      looks++
      return bots(model)
    }
    const id = shop.underWay()?.id ?? ''
    const steer = (command: RolloutCommand) =>
      control.steer({ model: MODEL, id, command, by: 'ann', reason: null })
    for (const command of ['pause', 'abort'] as const) await steer(command)
    expect([shop.underWay()?.state, looks]).to.deep.equal(['reverting', 0])
  })

  it('that moved the tag already is taken back where several bots fail and few run it', async () => {
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2)
    await shop.round(8)
    expect(await shop.tagAt()).to.equal(1)
    const [move] = await shop.catalog.tagHistory(MODEL, TAG, { limit: 1 })
    expect(move).to.include({ from: 2, to: 1, movedBy: 'slipway' })
    expect(move?.reason).to.match(/could not load release 2/)
    expect(shop.running()).to.deep.equal([1, 1, 1, 1])
  })

  it('replaces the one under way: what is stable stays so, and what was new goes', async () => {
    await shop.promote(2, { policy: CANARY })
    await shop.round()
    await shop.promote(3, { policy: { steps: [2, '100%'] } })
    await shop.round(4)
    expect(shop.running().filter((runs) => runs === 2)).to.deep.equal([])
    const [now, before] = await shop.stored()
    expect(before).to.include({ state: 'replaced' })
    expect(now?.from?.release).to.equal(1)
  })

  it('replaces one that moved the tag already, which goes back to what is stable', async () => {
    await shop.promote(2, { policy: { ...CANARY, soak: 60 } })
    const { id } = shop.underWay()!
    for (let step = 0; step < CANARY.steps.length - 1; step++)
      await shop.parts.control.steer({ model: MODEL, id, command: 'advance', by: 'ann', reason: null })
    expect(await shop.tagAt()).to.equal(2)
    await shop.promote(3, { policy: CANARY })
    expect(await shop.tagAt()).to.equal(1)
    expect(shop.underWay()?.from?.release).to.equal(1)
  })

  it('of what is stable aborts the rollout under way', async () => {
    await shop.promote(2, { policy: CANARY })
    await shop.round()
    expect((await shop.promote(1)).outcome).to.equal('aborted')
    await shop.round(3)
    expect(shop.running()).to.deep.equal([1, 1, 1, 1])
    expect((await shop.stored())[0]).to.include({ state: 'aborted' })
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(2))).to.equal(undefined)
  })

  it('says so in the history of the tag, where nobody gave a reason', async () => {
    await shop.promote(2)
    expect((await shop.promote(1)).outcome).to.equal('moved')
    const [move] = await shop.catalog.tagHistory(MODEL, TAG, { limit: 1 })
    expect(move).to.include({ to: 1, reason: 'ci promoted release 1, which aborted the rollout of 2' })
  })

  it('that is sent once more starts nothing anew', async () => {
    await shop.promote(2, { policy: CANARY })
    const { id } = shop.underWay()!
    expect((await shop.promote(2, { policy: CANARY })).outcome).to.equal('unchanged')
    expect((await shop.promote(2)).outcome).to.equal('unchanged')
    expect(shop.underWay()).to.include({ id })
  })

  it('waits for the one that was asked for at the same time, and one of them stays', async () => {
    await Promise.all([shop.promote(2, { policy: CANARY }), shop.promote(3, { policy: CANARY })])
    const states = (await shop.stored()).slice(0, 2).map(({ to, state }) => [to.release, state])
    expect(states).to.deep.equal([
      [3, 'running'],
      [2, 'replaced'],
    ])
    expect(shop.underWay()?.to.release).to.equal(3)
  })

  it('is refused where its policy cannot work, and changes nothing', async () => {
    const refusal = await rejection(shop.promote(2, { policy: { steps: ['50%'] } }))
    expect(refusal).to.deep.include({ code: 'policy-invalid', data: { field: 'steps.0' } })
    const probes = [{ url: 'http://{bot}:5005/', status: 200 }]
    expect(await rejection(shop.promote(2, { policy: { probes } }))).to.include({ code: 'policy-invalid' })
    expect(await shop.tagAt()).to.equal(1)
  })

  it('raises events in the transaction that makes it', async () => {
    const last = await shop.catalog.lastEventSequence()
    await shop.promote(2)
    const events = (await shop.catalog.listEventsAfter(last, 10)).map(({ kind, body }) => [kind, body])
    expect(events).to.deep.equal([
      ['tag.moved', { from: 1, to: 2, movedBy: 'ci', reason: null }],
      [
        'rollout.changed',
        {
          id: '2',
          state: 'running',
          step: 0,
          stepState: 'running',
          from: 1,
          to: 2,
          reason: null,
          startedBy: 'ci',
          began: true,
        },
      ],
    ])
  })
})

describe('a rollback', () => {
  it('without a release aborts a rollout under way', async () => {
    const shop = await aShop(4)
    await shop.promote(2, { policy: CANARY })
    await shop.round()
    await shop.rollBack()
    await shop.round(3)
    expect(shop.running()).to.deep.equal([1, 1, 1, 1])
    const reason = 'ci rolled back to release 1, which aborted the rollout of 2'
    expect((await shop.stored())[0]).to.include({ state: 'aborted', reason })
  })

  it('skips steps', async () => {
    const shop = await aShop(4)
    await shop.promote(2)
    await shop.round(3)
    await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy: CANARY, by: 'ann' })
    expect((await shop.rollBack()).outcome).to.equal('moved')
    expect(shop.underWay()?.steps).to.have.length(1)
  })

  it('passes over a release that was taken back elsewhere meanwhile, unless it is forced', async () => {
    const shop = await aShop(3)
    for (const release of [2, 3]) {
      await shop.promote(release)
      await shop.round(3)
    }
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: shop.clock.now(), reason: 'it did not load' }),
    )
    await shop.rollBack()
    expect(await shop.tagAt()).to.equal(1)
    await shop.promote(3)
    await shop.rollBack({ release: 1 })
    await shop.promote(2, { force: true })
    await shop.round(3)
    await shop.promote(3)
    await shop.round(3)
    await shop.catalog.write(MODEL, (writer) =>
      writer.quarantine(MODEL, digestOf(2), { at: shop.clock.now(), reason: 'it did not load' }),
    )
    await shop.rollBack({ force: true })
    expect(await shop.tagAt()).to.equal(2)
  })

  it('twice in a row goes two releases back, not forward to the bad one', async () => {
    const shop = await aShop(2)
    for (const release of [2, 3]) {
      await shop.promote(release)
      await shop.round(3)
    }
    await shop.rollBack()
    await shop.rollBack()
    expect(await shop.tagAt()).to.equal(1)
    await shop.round(3)
    expect(shop.running()).to.deep.equal([1, 1])
  })
})

describe('a policy of a tag', () => {
  it('is what promotions of it go by, and goes with it', async () => {
    const shop = await aShop(4)
    await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy: CANARY, by: 'ann' })
    expect((await shop.promote(2)).outcome).to.equal('begun')
    await shop.restart()
    expect(shop.parts.rollouts.policy(MODEL, TAG)).to.deep.include(CANARY)
    await shop.parts.control.setPolicy({ model: MODEL, tag: TAG, policy: null, by: 'ann' })
    expect(shop.parts.rollouts.policy(MODEL, TAG).steps).to.deep.equal(['100%'])
  })
})

describe('a dry run', () => {
  it('says how many bots each step would have and names none that its beginning draws, and changes nothing', async () => {
    const shop = await aShop(4)
    const promotion = { model: MODEL, tag: TAG, release: 2, policy: CANARY }
    const preview = await shop.parts.control.preview(promotion)
    expect(preview.steps.map(({ bots }) => bots)).to.deep.equal([1, 2, 4])
    expect(shop.underWay()).to.equal(null)
    expect(preview.steps.flatMap(({ first }) => first)).to.deep.equal([])
    const all = await shop.parts.control.preview({ ...promotion, policy: { steps: ['100%'] } })
    expect(all.steps[0]?.first).to.deep.equal(['pod-1', 'pod-2', 'pod-3', 'pod-4'])
  })
})

describe('what a rollout needs', () => {
  const dependencies = ({ catalog, clock, parts }: Shop) => ({ catalog, clock, tagMover: parts.runner })

  it('is not deleted: neither tag nor releases', async () => {
    const shop = await aShop(2)
    await shop.promote(2, { policy: CANARY })
    const deletion = deleteTag(dependencies(shop), { model: MODEL, tag: TAG, by: 'ann' })
    expect(await rejection(deletion)).to.include({ code: 'rollout-under-way' })
    for (const number of [1, 2]) {
      const refusal = await rejection(deleteRelease(dependencies(shop), MODEL, number))
      expect(refusal).to.include({ code: 'release-in-use' })
    }
  })

  it('is the default tag as it is, while bots are held back', async () => {
    const shop = await aShop(2)
    await shop.promote(2, { tag: 'staging' })
    await shop.catalog.write(MODEL, (writer) => writer.setDefaultTag(MODEL, TAG))
    await shop.promote(2, { policy: CANARY })
    const change = () => setDefaultTag(dependencies(shop), MODEL, 'staging', 'ann')
    expect(await rejection(change())).to.include({ code: 'rollout-under-way' })
    await shop.rollBack()
    await shop.round(3)
    expect(await change()).to.include({ defaultTag: 'staging' })
    expect(shop.parts.rollouts.find(MODEL, 'staging')?.to.release).to.equal(2)
  })

  it('begins for the bots of the default tag where that is another one, within what the new one allows', async () => {
    const shop = await aShop(2)
    await shop.promote(2, { tag: 'staging' })
    await shop.parts.control.setPolicy({
      model: MODEL,
      tag: 'staging',
      policy: { maxUpdating: 1 },
      by: 'ann',
    })
    shop.clock.advance(3_601 * SECOND)
    await shop.parts.judge.judgeAll()
    expect(shop.parts.rollouts.find(MODEL, 'staging')).to.equal(null)
    await shop.catalog.write(MODEL, (writer) => writer.setDefaultTag(MODEL, TAG))
    await setDefaultTag(dependencies(shop), MODEL, 'staging', 'ann')
    const rollout = shop.parts.rollouts.find(MODEL, 'staging')
    expect(rollout).to.deep.include({ from: null, to: { release: 2, digest: digestOf(2) }, state: 'running' })
    expect(rollout?.policy).to.include({ maxUpdating: 1 })
  })

  it('goes with a tag where no bot is held back', async () => {
    const shop = await aShop(2)
    await shop.promote(2)
    await deleteTag(dependencies(shop), { model: MODEL, tag: TAG, by: 'ann' })
    expect(shop.underWay()).to.equal(null)
    expect((await shop.stored())[0]).to.include({ state: 'aborted' })
  })
})
