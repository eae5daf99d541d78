import { expect } from 'chai'
import { DomainError } from '../../server/errors/errors.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { eventually } from '../support/eventually.ts'
import { aShop, digestOf, killedAfterWrite, MODEL, SECOND, TAG, type Shop } from './runner-support.ts'

const CANARY = { steps: [1, '50%', '100%'], deadline: 600 }

/** Plays rounds until the rollout has ended, and has the server start anew after each. */
async function playWithRestarts(shop: Shop): Promise<void> {
  for (let turn = 0; turn < 40 && shop.underWay() !== null; turn++) {
    await shop.round()
    await shop.restart()
  }
}

describe('a rollout, when the server is killed', () => {
  it('goes on in each of its steps, and nothing is concluded twice', async () => {
    const shop = await aShop(4)
    await shop.promote(2, { policy: CANARY })
    const { id, steps } = shop.underWay()!
    const first = steps[0]?.members
    await playWithRestarts(shop)
    const [rollout] = await shop.stored()
    expect(rollout).to.include({ id, state: 'done', step: 2 })
    expect(rollout?.steps[0]?.members).to.deep.equal(first)
    expect(shop.running()).to.deep.equal([2, 2, 2, 2])
    const moves = await shop.catalog.tagHistory(MODEL, TAG, { limit: 10 })
    expect(moves.map(({ to }) => to)).to.deep.equal([2, 1])
  })

  it('is taken back once', async () => {
    const shop = await aShop(4)
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2, { policy: CANARY })
    await playWithRestarts(shop)
    expect((await shop.stored())[0]).to.include({ state: 'reverted' })
    expect(await shop.catalog.findQuarantine(MODEL, digestOf(2))).not.to.equal(undefined)
    const events = await shop.catalog.listEventsAfter(0, 1_000)
    const reverting = events.filter(({ body }) => body['state'] === 'reverting')
    expect(reverting).to.have.length(1)
  })

  it('has begun where its beginning was written, although nobody heard so', async () => {
    const shop = await aShop(4)
    shop.write = killedAfterWrite(shop.kept)
    void shop.promote(2, { policy: CANARY })
    await eventually('it was written', async () => (await shop.stored()).length === 2)
    expect(shop.underWay()).to.equal(null)
    await shop.restart()
    expect(shop.underWay()).to.include({ state: 'running', step: 0 })
    await shop.round()
    expect(shop.running().filter((runs) => runs === 2)).to.have.length(1)
  })

  for (const steps of [['100%'], [2, '100%']]) {
    it(`remembers each place that was taken, with the steps ${steps.join()}`, async () => {
      const shop = await aShop(3)
      await shop.promote(2, { policy: { steps, maxUpdating: 1 } })
      const offers = shop.bots.flatMap((bot) => {
        const answer = shop.poll(bot)
        return answer?.kind === 'serve' ? (answer.offer ?? []) : []
      })
      // Not a byte is sent before.
      await offers[0]?.committed
      const stored = await shop.kept.listProcesses({ limit: 9 })
      expect(stored.filter(({ record }) => record.offer !== null)).to.have.length(1)
    })
  }

  it('does not take failures for its own that were to be forgotten with its beginning', async () => {
    const shop = await aShop(3)
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(2, { policy: CANARY })
    await shop.round(8)
    for (const bot of shop.bots) bot.broken.clear()
    await shop.parts.tracker.save()
    shop.write = killedAfterWrite(shop.kept)
    void shop.promote(2, { policy: { steps: [3, '100%'] }, force: true })
    await eventually('it was written', async () => (await shop.stored())[0]?.state === 'running')
    // Killed before memory forgot anything, and so before any row of a process did.
    await shop.restart({ saveFirst: false })
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()).to.include({ state: 'running' })
    await shop.round(6)
    expect(shop.running()).to.deep.equal([2, 2, 2])
  })

  it('waits out its deadline only while somebody listens', async () => {
    const shop = await aShop(2)
    await shop.promote(2, { policy: { ...CANARY, deadline: 60 } })
    shop.clock.advance(3600 * SECOND)
    await shop.restart()
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()).to.include({ state: 'running' })
  })
})

describe('a rollout, when the catalog takes no writes', () => {
  const unavailable = () => Promise.reject(new DomainError('catalog-unavailable', 'It takes no changes.'))

  it('does not begin, and polls are answered as before', async () => {
    const shop = await aShop(2)
    shop.write = unavailable
    expect(await rejection(shop.promote(2))).to.include({ code: 'catalog-unavailable' })
    expect(shop.underWay()).to.equal(null)
    await shop.round(2)
    expect(shop.running()).to.deep.equal([1, 1])
  })

  it('stays where it is, and goes on when they succeed again', async () => {
    const failures: unknown[] = []
    const shop = await aShop(4, { onFailure: (error) => failures.push(error) })
    await shop.promote(2, { policy: CANARY })
    shop.write = unavailable
    await shop.round(4)
    expect(failures).not.to.deep.equal([])
    expect(shop.underWay()).to.include({ step: 0 })
    expect(shop.running().filter((runs) => runs === 2)).to.have.length(1)
    shop.write = undefined
    await shop.round(8)
    expect((await shop.stored())[0]).to.include({ state: 'done' })
  })
})

describe('judging', () => {
  it('rests after the clock was set', async () => {
    let seconds = 0
    const shop = await aShop(4, { monotonic: () => seconds * SECOND })
    await shop.promote(2, { policy: { ...CANARY, deadline: 60 } })
    shop.clock.advance(3600 * SECOND)
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()).to.include({ state: 'running' })
    for (let turn = 0; turn < 70; turn++) {
      seconds += 10
      shop.clock.advance(10 * SECOND)
      await shop.parts.judge.judgeAll()
    }
    expect(shop.underWay()).to.include({ state: 'paused' })
  })

  it('leaves an immediate rollout alone for a minute while its bots say nothing new', async () => {
    const shop = await aShop(4)
    await shop.promote(2)
    await shop.parts.judge.judgeAll()
    const judgedAt = shop.underWay()?.judgedAt
    shop.clock.advance(59 * SECOND)
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()).to.include({ judgedAt })
    shop.clock.advance(SECOND)
    await shop.parts.judge.judgeAll()
    expect(shop.underWay()?.judgedAt).to.equal(shop.clock.now())
  })

  it('asks bots what the policy says, once each, and goes by what they answer', async () => {
    const asked: string[] = []
    const probes = [{ url: 'http://{bot}.bots.test/status', status: 200 }]
    const shop = await aShop(3, {
      probeHosts: ['*.bots.test'],
      prober: {
        askProbe: ({ bot }) => {
          asked.push(bot)
          return Promise.resolve('failed')
        },
      },
    })
    await shop.promote(2, { policy: { ...CANARY, probes } })
    await shop.round(6)
    expect(asked).to.have.length(1)
    expect(shop.running()).to.deep.equal([1, 1, 1])
    expect((await shop.stored())[0]?.reason).to.include('a probe failed')
  })
})
