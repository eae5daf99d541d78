import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, untilWritable } from '../support/faulty-group.ts'
import { GroupClients } from '../support/history/group-clients.ts'
import { shortOrLong } from '../support/long-form.ts'
import { afterThisTest } from '../support/temporary-directory.ts'
import { Random } from '../fleet/simulator/random.ts'

const ROUNDS = Number(
  process.env['KILLS'] ??
    shortOrLong('servers of a group that are killed at random: 3 rounds instead of 12', {
      short: 3,
      long: 12,
    }),
)

/** What is killed, and when, comes again with it; what the servers do then does not. */
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

const DEADLINE = 120_000

/** How many of three servers a round kills, at first; later one of these: all of them now and then. */
const VICTIMS = [1, 2, 3, 1, 1, 2]

describe('three servers of a group that are killed at random, again and again', function () {
  this.timeout(300_000 + ROUNDS * 120_000)

  it(`keep every promise (${ROUNDS} rounds, set KILLS for more; SEED=${SEED} has the same killed again)`, async function () {
    const random = new Random(SEED)
    const group = await FaultyGroup.start(this, { servers: 3 })
    const clients = startClients(group)
    await untilChanged(clients, 5)
    let kills = 0
    for (let round = 0; round < ROUNDS; round++) {
      const victims = pickSome(random, group.members, VICTIMS[round] ?? random.pick(VICTIMS))
      // Among what they do, however slowly they do it: after none to eight changes more, and some milliseconds.
      await untilChanged(clients, random.integer(0, 8))
      await delay(random.between(0, 150))
      for (const { running } of victims) running.kill('SIGKILL')
      await Promise.all(victims.map(({ running }) => running.ended))
      kills += victims.length
      const isAnyLeft = victims.length < group.members.length
      // Also while only the others are there: they may have to wait for what those had locked.
      if (isAnyLeft && random.chance(0.5)) await untilChanged(clients, 3)
      await Promise.all(victims.map((member) => group.startAgain(member)))
      expect(clients.surprises(), `round ${round + 1} of SEED=${SEED}`).to.deep.equal([])
    }
    await untilChanged(clients, 5)
    await clients.stop()
    for (const member of group.members) await untilWritable(member)
    expect(await clients.faults(group.urls), `SEED=${SEED}`).to.deep.equal([])
    if (this.test !== undefined) this.test.title += ` (${kills} kills: ${clients.summary})`
  })
})

/** They publish, move a tag, contend for it and poll, each at all servers or at one of them. */
function startClients(group: FaultyGroup): GroupClients {
  const clients = new GroupClients('shop')
  afterThisTest(() => clients.stop())
  for (const url of group.urls) {
    clients.publishAt([url])
    clients.moveAt([url])
    clients.pollAt(url, () => false)
  }
  clients.contendAt(group.urls)
  clients.botAt(group.urls)
  clients.botAt(group.urls.toReversed())
  return clients
}

/** Fails as soon as somebody was answered what nobody may be. */
async function untilChanged(clients: GroupClients, by: number): Promise<void> {
  const enough = clients.acknowledged + by
  const probe = () => {
    expect(clients.surprises()).to.deep.equal([])
    return clients.acknowledged >= enough
  }
  await eventually(`${by} more changes were acknowledged`, probe, DEADLINE)
}

function pickSome<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const left = [...items]
  return Array.from({ length: count }, () => {
    const item = random.pick(left)
    left.splice(left.indexOf(item), 1)
    return item
  })
}
