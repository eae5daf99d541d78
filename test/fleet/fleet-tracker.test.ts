import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { CatalogFleetStore } from '../../server/fleet/catalog-fleet-store.ts'
import { FleetTracker, type FleetTrackerDependencies } from '../../server/fleet/fleet-tracker.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { aClock, type ManualClock } from '../support/manual-clock.ts'
import { begun, MINUTE, NEW, OLD, poll, processName, SECOND, sent, START, target } from './facts.ts'
import { throwUnlessTestHasEnded } from '../support/throw-unless-test-has-ended.ts'

describe('FleetTracker', () => {
  let catalog: Catalog
  let clock: ManualClock

  beforeEach(async () => {
    catalog = await aCatalog()
    clock = aClock(START)
  })

  const track = (more: Partial<FleetTrackerDependencies> = {}) =>
    new FleetTracker({
      store: new CatalogFleetStore(catalog),
      clock,
      isReleased: (digest) => [OLD.digest, NEW.digest].includes(digest),
      maxProcesses: 100,
      keepDays: 30,
      monotonic: () => clock.now(),
      onFailure: throwUnlessTestHasEnded,
      ...more,
    })
  const take = (tracker: FleetTracker, ...facts: Parameters<FleetTracker['take']>[1][]) => {
    for (const fact of facts) {
      clock.advance(SECOND)
      tracker.take('shop', fact, clock.now())
    }
  }
  const stored = async () => (await catalog.listProcesses({ limit: 99 })).map(({ record }) => record)
  const kinds = async () => (await catalog.listEventsAfter(0, 99)).map(({ kind }) => kind)

  it('has an offer and its outcome written by themselves', async () => {
    const tracker = track()
    take(tracker, poll(null), begun(NEW))
    await eventually('the offer was written', async () => (await stored()).at(0)?.offer?.release === 8)
    take(tracker, sent(), poll(NEW))
    await eventually('the outcome was written', async () => (await kinds()).includes('loaded'))
    expect((await stored())[0]).to.include({ digest: NEW.digest, offer: null })
  })

  it('writes of a poll like the last one only when it came, too', async () => {
    const tracker = track()
    take(tracker, poll(null), begun(OLD), sent(), poll(OLD), poll(OLD), poll(OLD))
    await tracker.save()
    clock.advance(SECOND)
    expect(tracker.takeRepeat('shop', poll(OLD), clock.now())).to.equal(true)
    await tracker.save()
    expect((await stored())[0]?.lastSeen).to.equal(clock.now())
  })

  it('writes of a poll that says nothing new only when it came, and with the next batch', async () => {
    const tracker = track()
    take(tracker, poll(OLD), poll(OLD), poll(OLD))
    await tracker.save()
    const [before] = await stored()
    take(tracker, poll(OLD))
    expect((await stored())[0]).to.deep.equal(before)
    await tracker.save()
    expect((await stored())[0]?.lastSeen).to.equal(clock.now())
  })

  it('writes of gaps between polls the first, and then only what tells another window of silence', async () => {
    const tracker = track()
    const pollAfter = async (seconds: number) => {
      clock.advance((seconds - 1) * SECOND)
      take(tracker, poll(OLD))
      await tracker.save()
      return (await stored())[0]?.gaps.map((gap) => gap / SECOND)
    }
    expect(await pollAfter(10)).to.deep.equal([])
    expect(await pollAfter(10)).to.deep.equal([10])
    expect(await pollAfter(20)).to.deep.equal([10])
    expect(await pollAfter(600)).to.deep.equal([10])
    expect(await pollAfter(600), 'the third gap of five that is not short').to.deep.equal([10])
    expect(await pollAfter(600)).to.deep.equal([10, 20, 600, 600, 600])
  })

  it('writes of the workers of a bot only those of which something changed', async () => {
    const inner = new CatalogFleetStore(catalog)
    const saved: string[][] = []
    const save: typeof inner.save = (batch) => {
      saved.push(batch.processes.map(({ record }) => record.process))
      return inner.save(batch)
    }
    const tracker = track({
      store: {
        restore: () => inner.restore(),
        listHeardByOthers: (now) => inner.listHeardByOthers(now),
        forgetBefore: () => Promise.resolve(),
        save,
      },
    })
    const [first, second, third] = ['a', 'b', 'c'].map(processName)
    for (const worker of [first, second, third]) take(tracker, poll(null, worker))
    await tracker.save()
    saved.length = 0
    take(tracker, begun(NEW, second), sent(second), poll(NEW, second))
    await tracker.save()
    expect(new Set(saved.flat())).to.deep.equal(new Set([second]))
  })

  it('takes in that another server heard a process, also where that is told before the process is known', async () => {
    const inner = new CatalogFleetStore(catalog)
    const told = [{ model: 'shop', process: processName('a'), lastSeen: START + MINUTE }]
    const tracker = track({
      store: {
        restore: () => inner.restore(),
        listHeardByOthers: () => Promise.resolve(told.splice(0)),
        forgetBefore: () => Promise.resolve(),
        save: (batch) => inner.save(batch),
      },
    })
    await tracker.hearFromOthers()
    take(tracker, poll(OLD))
    await tracker.hearFromOthers()
    expect(tracker.memory.find('shop', processName('a'))?.lastSeen).to.equal(START + MINUTE)
  })

  it('comes to an end of writing while polls keep coming', async () => {
    const tracker = track()
    take(tracker, poll(null), begun(NEW), sent(), poll(NEW))
    const polls = setInterval(() => {
      take(tracker, poll(NEW))
    }, 0)
    afterThisTest(() => {
      clearInterval(polls)
    })
    let commits = 0
    const whole = { ...catalog }
    catalog.writeShared = async (work) => {
      commits++
      // Each commit takes as long as the next poll.
      await delay(2)
      return await whole.writeShared(work)
    }
    await tracker.save()
    expect(commits).to.be.below(5)
  })

  it('knows after a restart what it knew before', async () => {
    const before = track()
    take(before, poll(null), begun(NEW), sent(), poll(NEW))
    take(before, poll(null, processName('b')), begun(OLD, processName('b'), 's2'))
    await before.save()
    const after = track()
    await after.restore()
    expect(after.memory.botsAfter('', 100)).to.deep.equal(before.memory.botsAfter('', 100))
  })

  it('keeps claims to run what no release is in memory alone', async () => {
    const tracker = track()
    take(tracker, poll(target(99)))
    await tracker.save()
    expect(tracker.memory.size).to.equal(1)
    expect(await stored()).to.deep.equal([])
  })

  it('has the catalog forget what memory has no room for', async () => {
    const tracker = track({ maxProcesses: 2 })
    for (const letter of ['a', 'b', 'c', 'd']) {
      const source = { instance: letter, token: null, address: '10.0.0.1' }
      take(tracker, poll(null, processName(letter), { source }))
      await tracker.save()
    }
    expect((await stored()).map(({ process }) => process)).to.deep.equal(['c', 'd'].map(processName))
  })

  it('has the catalog forget it also where more names are invented than it can be told of at once', async () => {
    const tracker = track({ maxProcesses: 50 })
    const flood = async (from: number, count: number) => {
      for (let index = from; index < from + count; index++) {
        const source = { instance: `invented ${index}`, token: null, address: '10.9.9.9' }
        tracker.take('shop', poll(null, String(index).padStart(32, '0'), { source }), clock.now())
      }
      await tracker.save()
    }
    await flood(0, 50)
    await flood(50, 20_100)
    expect(await stored()).to.have.length(50)
    // What happened to others is not pushed out.
    expect(await catalog.lastEventSequence()).to.be.at.most(20_000)
  })

  it('has the catalog forget what was pushed out while it was written', async () => {
    const inner = new CatalogFleetStore(catalog)
    let onSave: (() => void) | undefined
    const store = {
      restore: () => inner.restore(),
      listHeardByOthers: (now: number) => inner.listHeardByOthers(now),
      forgetBefore: (before: number) => inner.forgetBefore(before),
      save: async (batch: Parameters<typeof inner.save>[0]) => {
        await inner.save(batch)
        onSave?.()
        onSave = undefined
      },
    }
    const tracker = track({ maxProcesses: 1, store })
    const other = { source: { instance: 'other', token: null, address: '10.9.9.9' } }
    onSave = () => {
      tracker.take('shop', poll(null, processName('b'), other), clock.now())
    }
    take(tracker, poll(null))
    await tracker.save()
    await tracker.save()
    expect((await stored()).map(({ process }) => process)).to.deep.equal([processName('b')])
  })

  it('never pushes out one that has loaded something, however many names are invented', async () => {
    const tracker = track({ maxProcesses: 3 })
    take(tracker, poll(null), begun(OLD), sent(), poll(OLD))
    for (let index = 0; index < 50; index++) {
      const source = { instance: `invented ${index}`, token: null, address: '10.9.9.9' }
      take(tracker, poll(OLD, String(index).padStart(32, '0'), { source }))
    }
    await tracker.save()
    expect((await stored()).map(({ process }) => process)).to.include(processName('a'))
    expect(await stored()).to.have.length(3)
  })

  it('has room for it after a restart, too, however many names the catalog has before it', async () => {
    const before = track()
    for (let index = 0; index < 5; index++) {
      const source = { instance: `invented ${index}`, token: null, address: '10.9.9.9' }
      take(before, poll(index === 0 ? null : OLD, String(index).padStart(32, '0'), { source }))
    }
    take(before, poll(null), begun(OLD), sent(), poll(OLD))
    await before.save()
    const after = track({ maxProcesses: 2 })
    await after.restore()
    expect(after.memory.bot('shop', 'pod-1')?.provenAt).to.be.a('number')
    await after.save()
    expect(await stored()).to.have.length(2)
  })

  it('says of which polls and events it keeps nothing', () => {
    const dropped = { polls: 0, events: 0 }
    const tracker = track({
      maxProcesses: 1,
      onDropped: (what, count) => {
        dropped[what] += count
      },
    })
    take(tracker, poll(null), begun(OLD), sent(), poll(OLD))
    const other = { source: { instance: 'pod-2', token: null, address: '10.0.0.2' } }
    take(tracker, poll(null, processName('b'), other), poll(null, processName('b'), other))
    expect(dropped).to.deep.equal({ polls: 2, events: 0 })
    for (let count = 0; count < 600; count++) take(tracker, poll(count % 2 === 0 ? NEW : OLD))
    expect(dropped.polls).to.equal(2)
    expect(dropped.events).to.be.within(1, 600)
  })

  it('goes on where the catalog fails, and writes everything once it works again', async () => {
    let isBroken = true
    const failures: unknown[] = []
    const writeShared: Catalog['writeShared'] = (work) =>
      isBroken ? Promise.reject(new Error('broken')) : catalog.writeShared(work)
    const failing = { ...catalog, writeShared }
    const tracker = track({
      store: new CatalogFleetStore(failing),
      onFailure: (error) => failures.push(error),
    })
    take(tracker, poll(null), begun(NEW))
    await tracker.save()
    expect(failures).not.to.have.length(0)
    isBroken = false
    await tracker.save()
    expect((await stored())[0]).to.deep.include({ process: processName('a') })
    expect(await kinds()).to.deep.equal(['first-seen'])
  })

  it('says that a process is lost after its window, once', async () => {
    const tracker = track()
    take(tracker, poll(OLD), poll(OLD))
    for (let minute = 0; minute < 15; minute++) {
      clock.advance(MINUTE)
      tracker.tick()
    }
    await tracker.save()
    expect((await kinds()).filter((kind) => kind === 'lost')).to.have.length(1)
  })

  it('concludes nothing from silence until twice the window after a start or a jump of the clock', async () => {
    const first = track()
    take(first, poll(OLD))
    await first.save()
    clock.advance(9 * MINUTE)
    let monotonic = 0
    const tracker = track({ monotonic: () => monotonic })
    await tracker.restore()
    const pass = (minutes: number, isJump = false) => {
      clock.advance(minutes * MINUTE)
      if (!isJump) monotonic += minutes * MINUTE
      tracker.tick()
      return tracker.memory.find('shop', processName('a'))?.lostAt
    }
    expect(pass(9)).to.equal(null)
    expect(pass(60, true)).to.equal(null)
    expect(pass(9)).to.equal(null)
    expect(pass(2)).to.equal(clock.now())
  })

  it('says that a process is lost that was heard before the clock was set back, and not since', () => {
    let monotonic = 0
    const tracker = track({ monotonic: () => monotonic })
    take(tracker, poll(OLD))
    clock.advance(-120 * MINUTE)
    tracker.tick()
    const pass = (minutes: number) => {
      clock.advance(minutes * MINUTE)
      monotonic += minutes * MINUTE
      tracker.tick()
      return tracker.memory.find('shop', processName('a'))?.lostAt
    }
    expect(pass(9)).to.equal(null)
    expect(pass(2)).to.equal(clock.now())
  })

  it('forgets what is older than is to be kept', async () => {
    const tracker = track()
    take(tracker, poll(OLD))
    await tracker.save()
    clock.advance(31 * 24 * 60 * MINUTE)
    await tracker.forgetOld()
    expect(tracker.memory.size).to.equal(0)
    expect([await stored(), await kinds()]).to.deep.equal([[], []])
  })
})
