import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'
import { turnsDuring } from '../support/turns-during.ts'
import { digestOf, MODEL, SECOND, TAG } from './runner-support.ts'
import { tallyRollouts } from '../../server/rollouts/tally-rollouts.ts'
import { SharedShop } from './shared-shop.ts'

describe('several servers over SQLite, as one program', function () {
  this.timeout(180_000)

  describeSeveralServers(aCatalog)
})

describe('several servers over Postgres', function () {
  this.timeout(180_000)

  const postgres = withPostgres()
  describeSeveralServers(postgres.catalog)
})

function describeSeveralServers(make: () => Promise<Catalog>): void {
  const canary = { steps: [1, '100%'], soak: 0, attempts: 1 }

  it('say the same of bots that poll them in turn', async () => {
    const shop = await SharedShop.open(await make(), { servers: 3 })
    for (let round = 0; round < 3; round++) await shop.round((index) => (index + round) % 3)
    await shop.settle()
    const [one, two, three] = shop.servers.map((server) => shop.described(server))
    expect(one).to.deep.equal(two)
    expect(two).to.deep.equal(three)
    expect(one!.every((bot) => bot?.digest === digestOf(1) && bot.polls === 2)).to.equal(true)
    expect(shop.failures).to.deep.equal([])
  })

  it('let polls through while they take in when others heard many bots', async () => {
    const shop = await SharedShop.open(await make(), { bots: 1 })
    const [stored] = await shop.catalog.listProcesses({ limit: 1 })
    const processes = Array.from({ length: 10_000 }, (_, n) => {
      const process = n.toString(16).padStart(12, '0') + '40008000000000000000'
      return { ...stored!, record: { ...stored!.record, process } }
    })
    await shop.catalog.writeShared((writer) => writer.saveProcesses(processes))
    expect(await turnsDuring(shop.servers[0]!.fleet.save())).to.be.at.least(20)
    expect(shop.failures).to.deep.equal([])
  })

  it('see that a bot loaded what another server sent it, once', async () => {
    const shop = await SharedShop.open(await make(), { bots: 1 })
    const [bot] = shop.bots
    const [one, two] = shop.servers
    await shop.promote(one!, 2)
    await two!.fleet.compare()
    await two!.runner.reload(MODEL)
    const offered = await shop.poll(bot!, one!)
    expect(offered).to.have.property('offer')
    await shop.poll(bot!, two!)
    await shop.poll(bot!, one!)
    const loads = await shop.eventsOf('loaded')
    expect(loads.map(({ body }) => body['release'])).to.deep.equal([1, 2])
  })

  it('never have more bots update at once than all of them together may', async () => {
    const shop = await SharedShop.open(await make(), { servers: 3, bots: 12 })
    await shop.promote(shop.servers[0]!, 2, { policy: { maxUpdating: 2 } })
    for (let round = 0; round < 40 && shop.bots.some(({ runs }) => runs !== 2); round++)
      await shop.round((index) => (index * 7 + round) % 3)
    expect(shop.bots.map(({ runs }) => runs)).to.deep.equal(shop.bots.map(() => 2))
    expect(shop.mostUpdating).to.equal(2)
    expect(shop.failures).to.deep.equal([])
  })

  it('call a bot lost only when none of them can have heard it', async () => {
    const shop = await SharedShop.open(await make(), { bots: 1 })
    const [bot] = shop.bots
    const [housekeeper, other] = shop.servers
    for (let minute = 0; minute < 15; minute++) {
      shop.clock.advance(60 * SECOND)
      await shop.round()
    }
    await shop.settle()
    shop.clock.advance(299 * SECOND)
    await shop.poll(bot!, other!)
    shop.clock.advance(5 * SECOND)
    await housekeeper!.fleet.save()
    expect(await shop.eventsOf('lost')).to.deep.equal([])
    await shop.settle()
    shop.clock.advance(311 * SECOND)
    await shop.settle()
    expect(await shop.eventsOf('lost')).to.have.length(1)
    expect(shop.failures).to.deep.equal([])
  })

  it('take a bad release back once, and all say so', async () => {
    const shop = await SharedShop.open(await make(), { servers: 3 })
    for (const bot of shop.bots) bot.broken.add(2)
    await shop.promote(shop.servers[1]!, 2, { policy: canary })
    for (let round = 0; round < 12; round++) await shop.round((index) => (index + round) % 3)
    const [rollout, ...before] = await shop.stored()
    expect(rollout).to.include({ state: 'reverted' })
    expect(before).to.have.length(1)
    expect(shop.bots.map(({ runs }) => runs)).to.deep.equal(shop.bots.map(() => 1))
    const states = (await shop.eventsOf('rollout.changed')).map(({ body }) => body['state'])
    expect(states.filter((state) => state === 'reverting')).to.have.length(1)
    expect(states.filter((state) => state === 'reverted')).to.have.length(1)
    expect((await shop.eventsOf('load-failed')).length).to.equal(1)
    for (const server of shop.servers) expect(server.rollouts.find(MODEL, TAG)).to.equal(null)
    expect(await shop.tagAt()).to.equal(1)
  })

  it('go on with a canary where the one that judged it was killed', async () => {
    const shop = await SharedShop.open(await make(), { servers: 3 })
    const [judge] = shop.servers
    await shop.promote(judge!, 2, { policy: canary })
    await shop.round()
    await shop.kill(judge!)
    for (let round = 0; round < 12; round++) await shop.round((index) => (index + round) % 2)
    expect((await shop.stored())[0]).to.include({ state: 'done' })
    expect(await shop.tagAt()).to.equal(2)
    expect((await shop.eventsOf('tag.moved')).map(({ body }) => body['to'])).to.deep.equal([1, 2])
  })

  it('write nothing of what a former housekeeper judges', async () => {
    const shop = await SharedShop.open(await make())
    const [former, next] = shop.servers
    await shop.promote(former!, 2, { policy: canary })
    await next!.fleet.compare()
    for (let time = 0; time < 3; time++) for (const bot of shop.bots) await shop.poll(bot, next!)
    // What the next one would judge by itself soon, it looks at while it may not.
    await next!.judge.judgeAll()
    await shop.takeLeaseFrom(former!)
    expect(former!.housekeeping.term).to.not.equal(undefined)
    await former!.fleet.compare()
    await former!.judge.judgeAll()
    expect((await shop.stored())[0]).to.include({ state: 'running', step: 0 })
    expect(shop.failures).to.have.length(1)
    await next!.judge.judgeAll()
    expect((await shop.stored())[0]).to.include({ step: 1 })
  })

  it('tell alike for how long a step still soaks, also those that do not judge it', async () => {
    const shop = await SharedShop.open(await make())
    await shop.promote(shop.servers[0]!, 2, { policy: { steps: [2, '100%'], soak: 600 } })
    for (let round = 0; round < 4; round++) await shop.round()
    await shop.settle()
    for (const server of shop.servers) await server.fleet.compare()
    const told = await Promise.all(
      shop.servers.map(async ({ rollouts, tracker: { memory } }) => {
        const rollout = rollouts.find(MODEL, TAG)!
        const tallied = { memory, access: { needsToken: false }, now: shop.clock.now() }
        return (await tallyRollouts([rollout], MODEL, tallied)).get(rollout)?.soakedUntil
      }),
    )
    expect(told.length).to.be.greaterThan(1)
    expect(told[0]).to.be.within(shop.clock.now() + 590_000, shop.clock.now() + 600_000)
    expect(new Set(told).size, told.join()).to.equal(1)
  })

  it('take in what a server that starts later finds', async () => {
    const shop = await SharedShop.open(await make())
    await shop.promote(shop.servers[0]!, 2, { policy: { steps: [2, '100%'], soak: 3600 } })
    await shop.round()
    await shop.round()
    // What a server tells of what it has sent is written behind its answer, and read at the next look.
    await shop.settle()
    for (const server of shop.servers) await server.fleet.compare()
    const late = await shop.addServer()
    expect(shop.described(late)).to.deep.equal(shop.described(shop.servers[0]!))
    expect(late.rollouts.find(MODEL, TAG)?.steps[0]?.members).to.have.length(2)
  })
}
