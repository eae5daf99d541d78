import { expect } from 'chai'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { judgeFleet } from '../../server/rollouts/judge-fleet.ts'
import { judgeStep } from '../../server/rollouts/judge-step.ts'
import { freezeMembers } from '../../server/rollouts/membership.ts'
import { soakedUntil } from '../../server/rollouts/soaked-until.ts'
import { stepBots } from '../../server/rollouts/step-bots.ts'
import type { Unit } from '../../server/rollouts/unit.ts'
import { NEW, OLD, START } from '../fleet/facts.ts'
import { turnsDuring } from '../support/turns-during.ts'
import { begin, fleet, loaded } from './rollout-support.ts'
import { aShop } from './runner-support.ts'

const ACCESS = { needsToken: false }

/** A bot that polls with the digest of a release. */
function poll(memory: FleetMemory, index: number, digest: string, instance = `pod-${index}`): void {
  const process = `${index.toString(16).padStart(8, '0')}aaaa4aaa8aaaaaaaaaaaaaaa`
  const source = { instance, token: null, address: '10.0.0.1' }
  memory.take('shop', { kind: 'poll', process, tag: 'production', source, digest, hints: [] }, START)
}

describe('judging a large fleet', () => {
  const COUNT = 5_000
  let memory: FleetMemory

  beforeEach(() => {
    memory = new FleetMemory(COUNT)
    for (let index = 0; index < COUNT; index++) poll(memory, index, OLD.digest)
  })

  it('gives polls their turn', async () => {
    const { rollout } = begin({}, [])
    expect(await turnsDuring(judgeFleet(memory, rollout, ACCESS, START))).to.be.at.least(3)
  })

  it('gives polls their turn also where all come under one name', async () => {
    const crowd = new FleetMemory(COUNT)
    for (let index = 0; index < COUNT; index++) poll(crowd, index, OLD.digest, 'pod-1')
    const { rollout } = begin({}, [])
    const judging = judgeFleet(crowd, rollout, ACCESS, START)
    expect(await turnsDuring(judging)).to.be.at.least(3)
    expect(await judging).to.have.length(COUNT)
  })

  it('sees all bots as they were when it began', async () => {
    const { rollout } = begin({}, [])
    const judging = judgeFleet(memory, rollout, ACCESS, START)
    for (let index = 0; index < COUNT; index++) poll(memory, index, NEW.digest)
    expect(new Set((await judging).map(({ status }) => status))).to.deep.equal(new Set(['waiting']))
  })
})

describe('a step of a large fleet that soaks', () => {
  it('is judged without another look at its bots, which were looked at in parts', () => {
    const units = fleet(100, loaded(NEW, START))
    const { rollout } = begin({ steps: ['100%'], soak: 600 }, units)
    let looks = 0
    const watched = units.map((unit): Unit => ({
      ...unit,
      get processes() {
        looks++
        return unit.processes
      },
    }))
    const bots = stepBots(
      rollout,
      watched.map((unit) => ({ unit, status: 'updated' })),
    )
    expect(looks).to.be.above(99)
    looks = 0
    expect(soakedUntil(rollout, bots, ACCESS, START + 1000)).to.equal(START + 600_000)
    expect(judgeStep(rollout, bots, ACCESS, { now: START + 1000, clockSetAt: 0 }).isSoaking).to.equal(true)
    expect(looks).to.equal(0)
  })
})

describe('the bots of a step', () => {
  it('are others for another rollout, and the same whatever order they are heard in', () => {
    const units = fleet(100)
    const chosen = (release: number, from = units) =>
      freezeMembers(`shop@production ${release}`, 10, [], from)
    expect(chosen(2)).to.have.length(10)
    expect(chosen(2, units.toReversed())).to.deep.equal(chosen(2))
    expect(chosen(3)).not.to.have.members(chosen(2))
  })

  it('are chosen without regard to how their names end', () => {
    // Which of ten pods is the canary, for each of 1,000 releases: each about 100 times, within five standard deviations.
    const counts = new Map<string, number>()
    for (let release = 1; release <= 1_000; release++) {
      for (const id of freezeMembers(`shop@production ${release}`, 1, [], fleet(10))) {
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
    }
    expect(counts.size).to.equal(10)
    for (const count of counts.values()) expect(count).to.be.within(53, 147)
  })

  it('are not named where all get the release at once', async () => {
    const shop = await aShop(4)
    await shop.promote(2)
    const [stored] = await shop.stored()
    expect(stored?.steps).to.have.length(1)
    expect(stored?.steps[0]).to.include({ isForAll: true })
    expect(stored?.steps[0]?.members).to.deep.equal([])
  })

  it('are named where places are counted', async () => {
    const shop = await aShop(4)
    await shop.promote(2, { policy: { maxUpdating: 2 } })
    expect((await shop.stored())[0]?.steps[0]?.members).to.have.length(4)
  })
})
