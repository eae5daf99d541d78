import { expect } from 'chai'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { countBots, listBots, listProcesses } from '../../server/fleet/list-fleet.ts'
import { describeBot } from '../../server/fleet/describe-bot.ts'
import type { ProcessRecord } from '../../server/fleet/process-record.ts'
import { NEW, OLD, poll, POD, START } from './facts.ts'
import { turnsDuring } from '../support/turns-during.ts'

/** The name of the nth process. */
function name(n: number): string {
  return n.toString(16).padStart(12, '0') + '4000' + '8000000000000000'
}

/** Bots that run release 7, named pod-0001 and so on, in each of these models. */
function aFleet(models: readonly string[], bots: number) {
  const memory = new FleetMemory(100_000)
  for (const model of models) {
    for (let n = 1; n <= bots; n++) {
      const source = { ...POD, instance: `pod-${n.toString().padStart(4, '0')}` }
      memory.take(model, poll(OLD, name(n), { source, tag: n === bots ? 'staging' : 'production' }), START)
    }
  }
  let looked = 0
  const releaseOf = () => {
    looked++
    return OLD.release
  }
  const digestsOf = () => new Map<string, string>()
  return { listed: { memory, releaseOf, digestsOf, now: START }, looked: () => looked }
}

describe('a page of a large fleet', () => {
  it('describes no more bots than it has', async () => {
    const { listed, looked } = aFleet(['shop'], 2_000)
    expect(await listBots(listed, { tag: 'production' }, { limit: 5 })).to.have.length(5)
    expect(looked()).to.equal(5)
  })

  it('lets polls have their turn while few, or none, are what is asked for, or all', async () => {
    const { listed } = aFleet(['shop'], 2_000)
    expect(await turnsDuring(listBots(listed, {}, { limit: 5_000 }))).to.be.at.least(19)
    expect(await turnsDuring(listProcesses(listed, { bot: 'pod-9' }, { limit: 5 }))).to.be.at.least(19)
    expect(await turnsDuring(countBots(listed.memory))).to.be.at.least(19)
  })

  it('has what follows the page before, of the model alone that is asked for', async () => {
    const { listed } = aFleet(['care', 'shop', 'shop-2'], 250)
    const all: string[] = []
    let cursor: { model: string; bot: string } | undefined
    do {
      const page = { limit: 99, ...(cursor === undefined ? {} : { cursor }) }
      const bots = await listBots(listed, { model: 'shop' }, page)
      all.push(...bots.map(({ model, bot }) => `${model} ${bot}`))
      cursor = bots.length < 99 ? undefined : bots.at(-1)
    } while (cursor !== undefined)
    expect(all).to.have.length(250)
    expect([...new Set(all)].sort()).to.deep.equal(all)
    expect(all.every((each) => each.startsWith('shop pod-'))).to.equal(true)
  })

  it('begins with the model that is asked for, wherever the cursor of another list ends', async () => {
    const { listed } = aFleet(['care', 'shop'], 3)
    const after = async (model: string) =>
      (await listBots(listed, { model: 'shop' }, { limit: 9, cursor: { model, bot: 'pod-0001' } })).length
    expect([await after('care'), await after('shop'), await after('zoo')]).to.deep.equal([3, 2, 0])
  })
})

describe('the counts of bots', () => {
  it('are by model, tag and state', async () => {
    const { listed } = aFleet(['care', 'shop'], 150)
    expect(await countBots(listed.memory)).to.deep.equal([
      { model: 'care', tag: 'production', state: 'running', bots: 149 },
      { model: 'care', tag: 'staging', state: 'running', bots: 1 },
      { model: 'shop', tag: 'production', state: 'running', bots: 149 },
      { model: 'shop', tag: 'staging', state: 'running', bots: 1 },
    ])
  })
})

describe('a bot of thousands of processes', () => {
  it('is told as one of few is: the last heard, the worst state, what most run, and all failures of the last release', () => {
    const { listed } = aFleet(['shop'], 3)
    const [one] = listed.memory.bot('shop', 'pod-0001')!.processes as [ProcessRecord]
    const failure = { ...NEW, loads: 1, transfers: 0, restarts: 0, restartsInRow: 0, reason: 'seen' }
    const processes = Array.from({ length: 3_000 }, (_, n): ProcessRecord => {
      const digest = n % 3 === 0 ? NEW.digest : OLD.digest
      const failures =
        n % 2 === 0
          ? [
              { ...failure, lastAt: START + n },
              { ...failure, ...OLD, lastAt: START - 1 },
            ]
          : []
      const times = {
        firstSeen: START - n,
        lastSeen: START + n,
        since: START + n,
        lostAt: n > 2_997 ? START : null,
      }
      return { ...one, ...times, process: name(n), digest, failures }
    })
    const bot = { ...listed.memory.bot('shop', 'pod-0001')!, processes, crowded: true }
    const told = describeBot(bot, (_, digest) => (digest === NEW.digest ? NEW.release : OLD.release), START)
    expect(told).to.deep.include({
      state: 'running',
      release: OLD.release,
      digest: OLD.digest,
      processes: 2_998,
      since: new Date(START + 2_996).toISOString(),
      lastSeen: new Date(START + 2_997).toISOString(),
      firstSeen: new Date(START - 2_999).toISOString(),
      failures: { release: NEW.release, loads: 1_500, transfers: 0, restarts: 0, reason: 'seen' },
      hints: ['shared-name'],
    })
    const gone = { ...bot, processes: processes.map((each) => ({ ...each, lostAt: START })) }
    expect(describeBot(gone, () => 7, START)).to.include({ state: 'lost', processes: 1 })
  })
})
