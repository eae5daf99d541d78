import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, takesWrites, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { BotInSync } from '../support/history/bot-in-sync.ts'
import { GroupClients } from '../support/history/group-clients.ts'
import { faultsOfHousekeeping, noteHousekeeping } from '../support/history/housekeeping-writes.ts'
import { shortOrLong } from '../support/long-form.ts'
import { skipTest } from '../support/skip-test.ts'
import { hasNginx, startNginx } from '../support/start-nginx.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** Milliseconds for which things last after what they are to show has been seen. */
const { rounds, asleep, silent } = shortOrLong(
  'three servers under faults: one round instead of two, with a server that sleeps no longer than its lease and a database that is silent for seconds',
  {
    short: { rounds: 1, asleep: 0, silent: 0 },
    long: { rounds: 2, asleep: 45_000, silent: 30_000 },
  },
)
const ROUNDS = Number(process.env['ROUNDS'] ?? rounds)

const DEADLINE = 300_000

describe('three servers behind nginx, over Postgres and a bucket', function () {
  this.timeout(600_000 + ROUNDS * 600_000)

  it(`keep every promise under each fault of servers, database and bucket (${ROUNDS} times: set ROUNDS for more)`, async function () {
    if (!hasNginx()) skipTest(this, 'nginx is not installed: run scripts/services')
    const play = await Play.start(this)
    for (let round = 0; round < ROUNDS; round++) {
      await play.sleepAndKill()
      await play.restartDatabase(round)
      await play.silenceDatabase()
      await play.takeBucketAway()
      await play.cutOff(round)
    }
    expect(await play.end()).to.deep.equal([])
    if (this.test !== undefined) this.test.title += ` (${play.summary})`
  })
})

/** Clients of a group, and what befalls it meanwhile. Each fault lasts until what it does has been seen, and then it goes on. */
class Play {
  readonly #group: FaultyGroup
  readonly #clients: GroupClients
  readonly #inSync: readonly BotInSync[]
  /** Servers that are not to answer now. */
  readonly #away: Set<FaultyMember>
  #hasBucket = true

  private constructor(group: FaultyGroup, clients: GroupClients, inSync: BotInSync[]) {
    this.#group = group
    this.#clients = clients
    this.#inSync = inSync
    this.#away = new Set()
  }

  static async start(context: Mocha.Context): Promise<Play> {
    const clients = new GroupClients('shop')
    const inSync: BotInSync[] = []
    // Said first, so done last: who waits for a server that sleeps is let go when that is killed.
    afterThisTest(() => Promise.all([clients.stop(), ...inSync.map((bot) => bot.stop())]))
    const group = await FaultyGroup.start(context, { servers: 3 })
    await noteHousekeeping(group.postgres.url)
    const play = new Play(group, clients, inSync)
    const body = Uint8Array.from(anArchive())
    const first = await fetch(`${group.urls[0]!}/models/still?tag=production`, { method: 'POST', body })
    expect(first.status).to.equal(201)
    for (const member of group.members) {
      const { url } = member.running
      const bot = new BotInSync(url, 'still@production', url)
      await bot.start(() => !play.#away.has(member))
      inSync.push(bot)
      // At one server each: those at one that sleeps wait, and the others go on.
      clients.publishAt([url])
      clients.moveAt([url])
      // What no server has a copy of nobody is sent then.
      clients.pollAt(url, () => !play.#away.has(member) && play.#hasBucket)
    }
    clients.contendAt(group.urls)
    clients.botAt(group.urls)
    clients.botAt(group.urls.toReversed())
    const balancer = await startBalancer(group.urls)
    for (let bots = 0; bots < 2; bots++) clients.botAt([balancer])
    await play.#goesOn('the start', 10)
    return play
  }

  get summary(): string {
    const polls = this.#inSync.reduce((sum, bot) => sum + bot.polls, 0)
    return `${this.#clients.summary}, ${polls} polls in sync`
  }

  /** The one that keeps house sleeps until another one does, and wakes; a third is killed meanwhile, and started again. */
  async sleepAndKill(): Promise<void> {
    const [first] = this.#group.members as [FaultyMember]
    const sleeper = await eventually('one keeps house', () => this.#group.housekeeper(first), DEADLINE)
    const [killed, other] = this.#group.members.filter((member) => member !== sleeper) as [
      FaultyMember,
      FaultyMember,
    ]
    // It sleeps amid what it does as the housekeeper, and goes on with that when it wakes.
    sleeper.bucket.inject({ kind: 'hold-answer', to: 'PUT /models/records/shop/tags.json' })
    await this.#until('it keeps house', () => sleeper.bucket.strikes() > 0)
    this.#away.add(sleeper).add(killed)
    sleeper.running.kill('SIGSTOP')
    killed.running.kill('SIGKILL')
    await killed.running.ended
    await this.#goesOn('one was killed while another one sleeps')
    await this.#group.startAgain(killed)
    this.#away.delete(killed)
    const isAnother = async () => ![sleeper, undefined].includes(await this.#group.housekeeper(other))
    await eventually('another one keeps house', isAnother, DEADLINE)
    await this.#goesOn('another one keeps house')
    await delay(asleep)
    sleeper.bucket.heal()
    sleeper.running.kill('SIGCONT')
    await untilWritable(sleeper)
    this.#away.delete(sleeper)
    await this.#goesOn('it woke')
  }

  /** As an administrator would, or as after a power failure, in turns. */
  async restartDatabase(round: number): Promise<void> {
    const { postgres } = this.#group
    if (round % 2 === 0) await postgres.restart()
    else {
      await postgres.kill()
      await postgres.start()
    }
    await this.#recovers('the database was started again')
  }

  /** The database is there, and says nothing. */
  async silenceDatabase(): Promise<void> {
    const { members, postgres } = this.#group
    await postgres.signal('SIGSTOP')
    await Promise.all(members.map((member) => untilReadOnly(member)))
    await this.#pollsGoOn()
    await delay(silent)
    await this.#pollsGoOn()
    await postgres.signal('SIGCONT')
    await this.#recovers('the database was silent')
  }

  async takeBucketAway(): Promise<void> {
    const buckets = this.#group.members.map(({ bucket }) => bucket)
    this.#hasBucket = false
    for (const bucket of buckets) bucket.inject({ kind: 'refuse' })
    const before = this.#clients.moved
    await this.#until('tags move without the bucket', () => this.#clients.moved >= before + 5)
    await this.#until('the bucket is asked for', () => buckets.every((bucket) => bucket.strikes() >= 3))
    await this.#pollsGoOn()
    for (const bucket of buckets) bucket.heal()
    const published = this.#clients.published
    await this.#until('archives are published again', () => this.#clients.published >= published + 5)
    // An answer of before may be on its way still.
    await this.#pollsGoOn()
    this.#hasBucket = true
  }

  /** One server alone loses the database; the others go on. */
  async cutOff(which: number): Promise<void> {
    const member = this.#group.members[which % this.#group.members.length]!
    member.database.inject({ kind: 'refuse' })
    await untilReadOnly(member)
    await this.#goesOn('one was cut off')
    await this.#pollsGoOn()
    await this.#goesOn('one was cut off for long')
    member.database.heal()
    await this.#recovers('it was cut off')
  }

  /** Ends all clients. @returns What of all that there was cannot be. */
  async end(): Promise<string[]> {
    await Promise.all([this.#clients.stop(), ...this.#inSync.map((bot) => bot.stop())])
    const { members, postgres, urls } = this.#group
    for (const member of members) await untilWritable(member)
    const addresses = new Map(members.map(({ name, running }) => [name, new URL(running.url).host]))
    return [
      ...this.#inSync.flatMap((bot) => bot.faults()),
      ...(await this.#clients.faults(urls)),
      ...(await faultsOfHousekeeping(postgres.url, addresses)),
    ]
  }

  async #recovers(what: string): Promise<void> {
    for (const member of this.#group.members) await untilWritable(member)
    await this.#goesOn(what)
  }

  async #goesOn(what: string, by = 5): Promise<void> {
    const before = this.#clients.acknowledged
    await this.#until(`it goes on after ${what}`, () => this.#clients.acknowledged >= before + by)
  }

  /** Every bot in sync is told so again and again. */
  async #pollsGoOn(): Promise<void> {
    const before = this.#inSync.map(({ polls }) => polls)
    const goOn = () => this.#inSync.every(({ polls }, index) => polls >= before[index]! + 10)
    await this.#until('polls in sync are answered', goOn)
  }

  /** Fails as soon as somebody was answered what nobody may be. */
  async #until(what: string, isSo: () => boolean): Promise<void> {
    const probe = () => {
      const faults = [...this.#clients.surprises(), ...this.#inSync.flatMap((bot) => bot.faults())]
      expect(faults).to.deep.equal([])
      return isSo()
    }
    await eventually(what, probe, DEADLINE)
  }
}

async function untilReadOnly(member: FaultyMember): Promise<void> {
  const isReadOnly = async () => (await takesWrites(member)) === false
  await eventually(`${member.running.url} takes no changes`, isReadOnly, DEADLINE)
}

/** As docs/scaling.md has it. */
async function startBalancer(urls: readonly string[]): Promise<string> {
  const servers = urls.map((url) => `server ${new URL(url).host} max_fails=0;`).join(' ')
  const location =
    'proxy_pass http://slipway; proxy_set_header Host $http_host; proxy_next_upstream error timeout; proxy_connect_timeout 2s;'
  return startNginx(`client_max_body_size 0; location / { ${location} }`, `upstream slipway { ${servers} }`)
}
