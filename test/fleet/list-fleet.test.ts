import { expect } from 'chai'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { countBots, listBots, listProcesses } from '../../server/fleet/list-fleet.ts'
import { OLD, poll, POD, START } from './facts.ts'
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
  return { listed: { memory, releaseOf, now: START }, looked: () => looked }
}

describe('a page of a large fleet', () => {
  it('describes no more bots than it has', async () => {
    const { listed, looked } = aFleet(['shop'], 2_000)
    expect(await listBots(listed, { tag: 'production' }, { limit: 5 })).to.have.length(5)
    expect(looked()).to.equal(5)
  })

  it('lets polls have their turn while few bots, or none, are what is asked for', async () => {
    const { listed } = aFleet(['shop'], 2_000)
    expect(await turnsDuring(listBots(listed, { state: 'failing' }, { limit: 5 }))).to.be.at.least(19)
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
