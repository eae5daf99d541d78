import { expect } from 'chai'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { Random } from '../fleet/simulator/random.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { withPostgres } from '../support/a-postgres-catalog.ts'
import { MODEL, SECOND, TAG, type SimulatedBot } from './runner-support.ts'
import { SharedShop } from './shared-shop.ts'

/** More of them with SEEDS=200; what one seed does comes again with it, but for how transactions meet. */
const SEEDS = Number(process.env['SEEDS'] ?? 5)

describe('a rollout by several servers, whatever reaches which, over SQLite', function () {
  this.timeout(600_000)
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`keeps its promises (${seed})`, async () => keepsItsPromises(await aCatalog(), seed))
  }
})

describe('a rollout by several servers, whatever reaches which, over Postgres', function () {
  this.timeout(600_000)
  const postgres = withPostgres()
  for (let seed = 101; seed < 101 + Math.ceil(SEEDS / 2); seed++) {
    it(`keeps its promises (${seed})`, async () => keepsItsPromises(await postgres.catalog(), seed))
  }
})

async function keepsItsPromises(catalog: Catalog, seed: number): Promise<void> {
  const random = new Random(seed)
  const shop = await SharedShop.open(catalog, { servers: 3, bots: 8 })
  const maxUpdating = random.integer(1, 3)
  const isBad = random.chance(0.5)
  if (isBad) for (const bot of shop.bots) bot.broken.add(2)
  const policy = { steps: [random.integer(1, 3), '100%'], attempts: 1, maxUpdating }
  await shop.promote(random.pick(shop.servers), 2, { policy })
  // No bot fails in the millisecond of the promotion, which has failures until then forgotten.
  shop.clock.advance(SECOND)
  let killed = false
  for (let turn = 0; turn < 60 && !(await hasEnded(shop)); turn++) {
    const working = inConfusion(shop, random)
    if (!killed && turn > 0 && random.chance(0.3)) {
      killed = true
      await shop.kill(random.pick(shop.servers))
      await shop.addServer()
    }
    await working
    shop.clock.advance(SECOND)
  }
  await shop.round()
  await shop.round()
  await shop.settle()
  await expectPromises(shop, { maxUpdating, isBad })
}

/** Some bots poll, some servers do what they do every few seconds, and all of it at once. */
async function inConfusion(shop: SharedShop, random: Random): Promise<void> {
  const polls = shop.bots
    .filter(() => random.chance(0.8))
    .map((bot) => pollSome(shop, bot, random, random.integer(1, 2)))
  const upkeep = shop.servers.map(async (server) => {
    const isKilled = new Promise<void>((resolve) => {
      server.killed.signal.addEventListener('abort', () => {
        resolve()
      })
    })
    const work = async () => {
      if (random.chance(0.7)) await server.fleet.compare()
      if (random.chance(0.5)) await server.fleet.save()
      if (random.chance(0.7)) await server.judge.judgeAll()
    }
    await Promise.race([work(), isKilled])
  })
  await Promise.all([...polls, ...upkeep])
}

async function pollSome(shop: SharedShop, bot: SimulatedBot, random: Random, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await shop.poll(bot, random.pick(shop.servers))
}

async function hasEnded(shop: SharedShop): Promise<boolean> {
  return (await shop.catalog.findRolloutUnderWay(MODEL, TAG)) === undefined
}

async function expectPromises(
  shop: SharedShop,
  { maxUpdating, isBad }: { maxUpdating: number; isBad: boolean },
): Promise<void> {
  const states = (await shop.eventsOf('rollout.changed'))
    .filter(({ body }) => body['to'] === 2)
    .map(({ body }) => `${String(body['state'])} ${String(body['step'])}`)
  // No step begins twice, and nothing ends twice, whoever judged.
  expect(states).to.deep.equal([...new Set(states)])
  expect(states.at(-1)?.split(' ')[0]).to.equal(isBad ? 'reverted' : 'done')
  const runs = isBad ? 1 : 2
  expect(shop.bots.map((bot) => bot.runs)).to.deep.equal(shop.bots.map(() => runs))
  const moves = (await shop.eventsOf('tag.moved')).map(({ body }) => body['to'])
  expect(moves).to.deep.equal(isBad ? [1] : [1, 2])
  expect(await shop.tagAt()).to.equal(runs)
  expect(await shop.catalog.listQuarantine(MODEL)).to.have.length(isBad ? 1 : 0)
  // What a process came to is concluded once.
  const loads = (await shop.eventsOf('loaded')).filter(({ body }) => body['release'] === 2)
  expect(loads).to.have.length(isBad ? 0 : shop.bots.length)
  const failures = (await shop.eventsOf('load-failed')).map(({ process }) => process)
  expect(failures).to.deep.equal([...new Set(failures)])
  if (!isBad) expect(failures).to.deep.equal([])
  expect(shop.mostUpdating).to.be.at.most(maxUpdating)
  const [first, ...others] = shop.servers.map((server) => shop.described(server))
  for (const other of others) expect(other).to.deep.equal(first)
  for (const { rollouts } of shop.servers) expect(rollouts.find(MODEL, TAG)).to.equal(null)
  expect(shop.failures).to.deep.equal([])
}
