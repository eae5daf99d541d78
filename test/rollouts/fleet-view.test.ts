import { expect } from 'chai'
import { botSchema } from '../../protocol/bot.ts'
import { processSchema } from '../../protocol/process.ts'
import { rolloutSchema, rolloutSummarySchema } from '../../protocol/rollout.ts'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { Fact } from '../../server/fleet/fact.ts'
import { FleetView } from '../../server/rollouts/fleet-view.ts'
import { unitsOf } from '../../server/rollouts/unit.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { beginRollout } from '../../server/rollouts/begin-rollout.ts'
import { rejection } from '../contracts/catalog-support.ts'
import {
  begun,
  MINUTE,
  NEW,
  OLD,
  poll,
  POD,
  processName,
  SECOND,
  sent,
  silence,
  START,
} from '../fleet/facts.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { aClock } from '../support/manual-clock.ts'
import { rolloutParts } from '../support/rollout-parts.ts'

const POLICY = { ...IMMEDIATE, maxUpdating: 1, drain: 30 }

describe('FleetView', () => {
  const view = async () => {
    const rollouts = new LiveRollouts()
    const catalog = await aCatalog()
    const clock = aClock(START)
    const { tracker } = rolloutParts(catalog, { clock })
    const { memory } = tracker
    const releaseOf = (_model: string, digest: string) =>
      [OLD, NEW].find((target) => target.digest === digest)?.release
    const digestsOf = (release: number) =>
      new Map([OLD, NEW].filter((one) => one.release === release).map(({ digest }) => ['shop', digest]))
    const access = { needsToken: false }
    const take = (...facts: Fact[]) => {
      for (const fact of facts) {
        clock.advance(SECOND)
        tracker.take('shop', fact, clock.now())
      }
    }
    const pod2 = { ...POD, instance: 'pod-2' }
    take(poll(null), begun(OLD), sent(), poll(OLD))
    take(poll(OLD, processName('b'), { source: pod2, tag: 'staging' }))
    const fleet = new FleetView({ memory, rollouts, catalog, releaseOf, digestsOf, access, clock })
    return { fleet, take, rollouts, catalog, clock, memory, access, tracker }
  }

  it('lists bots in the form of the protocol, by model and name', async () => {
    const { fleet } = await view()
    const bots = await fleet.listBots({}, { limit: 10 })
    for (const bot of bots) expect(botSchema.parse(bot)).to.deep.equal(bot)
    expect(bots.map(({ bot, state, release }) => [bot, state, release])).to.deep.equal([
      ['pod-1', 'running', 7],
      ['pod-2', 'running', 7],
    ])
  })

  it('lists the bots that are asked for, page by page', async () => {
    const { fleet } = await view()
    const names = async (filter: object, page = { limit: 10 }) =>
      (await fleet.listBots(filter, page)).map(({ bot }) => bot)
    expect(await names({ tag: 'staging' })).to.deep.equal(['pod-2'])
    expect(await names({ state: 'failing' })).to.deep.equal([])
    expect(await names({ release: 7, model: 'shop' })).to.deep.equal(['pod-1', 'pod-2'])
    const [first] = await fleet.listBots({}, { limit: 1 })
    const rest = await fleet.listBots({}, { limit: 9, cursor: first! })
    expect(rest.map(({ bot }) => bot)).to.deep.equal(['pod-2'])
  })

  it('lists processes in the form of the protocol, also those of one bot', async () => {
    const { fleet } = await view()
    const processes = await fleet.listProcesses({ model: 'shop', bot: 'pod-1' }, { limit: 10 })
    for (const process of processes) expect(processSchema.parse(process)).to.deep.equal(process)
    expect(processes.map(({ process, loadSeconds }) => [process, loadSeconds])).to.deep.equal([
      [processName('a'), 1],
    ])
  })

  it('reads a bot with its processes, and refuses one that is not known', async () => {
    const { fleet } = await view()
    expect(fleet.readBot('shop', 'pod-1').processes).to.have.length(1)
    expect(() => fleet.readBot('shop', 'pod-9'))
      .to.throw()
      .with.property('code', 'bot-not-found')
  })

  /** A rollout in its first step, as the catalog has it. */
  const aRollout = async ({ catalog, clock, memory, access }: Awaited<ReturnType<typeof view>>) =>
    catalog.write('shop', async (writer) => {
      await writer.ensureModel('shop', new Date(START).toISOString())
      const id = await writer.reserveRollout('shop', 'production', clock.now())
      const request = { id, model: 'shop', tag: 'production', from: OLD, to: NEW, tagAt: OLD, policy: POLICY }
      const terms = { access, before: clock.now() }
      const units = unitsOf([...memory.bots('shop')], 'production', terms, clock.now())
      const begun = beginRollout(
        { ...request, order: 'secret', startedBy: 'ci', reason: null },
        units,
        clock.now(),
      )
      await writer.saveRollout(begun.rollout)
      return begun.rollout
    })

  it('reads a rollout that is under way as it is in memory', async () => {
    const parts = await view()
    const { fleet, rollouts } = parts
    const rollout = await aRollout(parts)
    rollouts.put({ ...rollout, reason: 'newer than what is stored' })
    const read = await fleet.readRollout('shop', rollout.id)
    expect(rolloutSchema.parse(read)).to.deep.equal(read)
    expect(read).to.include({ state: 'running', reason: 'newer than what is stored' })
    expect(read.counts).to.include({ bots: 1, waiting: 1 })
    expect(await rejection(fleet.readRollout('shop', '99'))).to.include({ code: 'rollout-not-found' })
    const [listed] = await fleet.listRollouts('shop', 'production', { limit: 10 })
    expect(rolloutSummarySchema.strict().parse(listed)).to.deep.equal(listed)
    expect(listed).to.deep.include({ state: 'running', counts: read.counts })
    expect(listed?.steps[0]).to.include({ bots: 1 }).and.not.to.have.property('members')
    expect(await fleet.listRollouts('shop', 'staging', { limit: 10 })).to.deep.equal([])
  })

  it('reads a rollout as it is in the catalog where another server has brought it further', async () => {
    const parts = await view()
    const { fleet, rollouts, catalog } = parts
    const rollout = await aRollout(parts)
    rollouts.put(rollout)
    const save = (changed: Partial<Rollout>) =>
      catalog.write('shop', (writer) => writer.saveRollout({ ...rollout, ...changed }))
    const told = async () => {
      const { state, step } = await fleet.readRollout('shop', rollout.id)
      const [listed] = await fleet.listRollouts('shop', 'production', { limit: 1 })
      expect(listed).to.include({ state, step })
      return [state, step]
    }
    await save({ state: 'paused' })
    expect(await told()).to.deep.equal(['paused', 0])
    await save({ state: 'done', endedAt: START })
    expect(await told()).to.deep.equal(['done', 0])
  })

  it('says that a bot is not ready while it loads, where its tag drains bots', async () => {
    const { fleet, take, rollouts } = await view()
    take(begun(NEW))
    expect(fleet.readiness('shop', 'pod-1')).to.deep.equal({ ready: true })
    rollouts.setPolicy('shop', 'production', POLICY)
    expect(fleet.readiness('shop', 'pod-1')).to.include({ ready: false })
    expect(fleet.readiness('shop', 'pod-9')).to.deep.equal({ ready: true })
  })

  it('goes by what loads where many share a name', async () => {
    const { fleet, take, rollouts } = await view()
    rollouts.setPolicy('shop', 'production', POLICY)
    take(begun(NEW))
    for (let other = 0; other < 70; other++)
      take(poll(OLD, processName(String.fromCharCode(1_000 + other)), { tag: 'staging' }))
    expect(fleet.readiness('shop', 'pod-1')).to.include({ ready: false })
  })

  it('tells what each bot ran at a moment', async () => {
    const { fleet, catalog } = await view()
    const event = (bot: string, kind: string, at: number, digest: string) => ({
      at,
      kind,
      model: 'shop',
      tag: 'production',
      bot,
      process: bot,
      body: { digest },
    })
    await catalog.writeShared((writer) =>
      writer.addEvents([
        event('pod-1', 'loaded', 1, OLD.digest),
        event('pod-2', 'runs', 2, OLD.digest),
        event('pod-1', 'loaded', 5, NEW.digest),
        event('pod-2', 'lost', 6, ''),
      ]),
    )
    const ran = async (at: number) =>
      (await fleet.listRunningAt('shop', at, { limit: 99 })).map(({ bot, release }) => [bot, release])
    expect(await ran(3)).to.deep.equal([
      ['pod-1', 7],
      ['pod-2', 7],
    ])
    expect(await ran(9)).to.deep.equal([['pod-1', 8]])
  })

  it('tells a page at a time what bots ran, of which events tell or memory alone, each once and by name', async () => {
    const { fleet, catalog, take, clock, tracker } = await view()
    for (let n = 0; n < 250; n++) {
      const instance = `bot-${(n * 7) % 250}`
      take(poll(OLD, processName(String.fromCharCode(1_000 + n)), { source: { ...POD, instance } }))
      // Of every other one no event tells.
      if (n === 125) {
        await tracker.save()
        await catalog.writeShared((writer) => writer.forgetEvents(clock.now() + 1))
      }
    }
    await tracker.save()
    const found: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await fleet.listRunningAt('shop', clock.now(), { limit: 60, cursor })
      found.push(...page.map(({ bot, release }) => `${bot} ${release ?? ''}`))
      cursor = page.at(-1)?.bot
    }
    const names = Array.from({ length: 250 }, (_, n) => `bot-${n} 7`)
    expect(found).to.deep.equal([...names, 'pod-1 7', 'pod-2 7'].sort())
  })

  it('tells of a process that got another name under that name alone', async () => {
    const { fleet, take, clock, tracker } = await view()
    take(poll(OLD, undefined, { source: { ...POD, instance: 'renamed' } }))
    await tracker.save()
    const ran = await fleet.listRunningAt('shop', clock.now(), { limit: 99 })
    expect(ran.map(({ bot }) => bot)).to.deep.equal(['pod-2', 'renamed'])
  })

  it('tells what a bot ran that was lost and heard again', async () => {
    const { fleet, take, clock, tracker } = await view()
    clock.advance(60 * MINUTE)
    take(silence())
    const lost = clock.now()
    take(poll(OLD))
    await tracker.save()
    const ran = async (at: number) =>
      (await fleet.listRunningAt('shop', at, { limit: 99 })).map(({ bot }) => bot)
    expect(await ran(lost)).to.deep.equal(['pod-2'])
    expect(await ran(clock.now())).to.deep.equal(['pod-1', 'pod-2'])
  })

  it('tells what a bot runs whose events are older than is kept', async () => {
    const { fleet, catalog, clock, tracker } = await view()
    await tracker.save()
    await catalog.writeShared((writer) => writer.forgetEvents(clock.now() + 1))
    const running = await fleet.listRunningAt('shop', clock.now(), { limit: 99 })
    expect(running.map(({ bot, tag, release }) => [bot, tag, release])).to.deep.equal([
      ['pod-1', 'production', 7],
      ['pod-2', 'staging', 7],
    ])
    expect(await fleet.listRunningAt('shop', START, { limit: 99 })).to.deep.equal([])
  })
})
