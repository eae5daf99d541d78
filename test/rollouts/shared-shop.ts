import { DamagedBlobs } from '../../server/blobs/damaged-blobs.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { HOUSEKEEPER_LEASE } from '../../server/catalog/leases.ts'
import { FollowedDatabase } from '../../server/coordination/followed-database.ts'
import { LeaseHousekeeper } from '../../server/upkeep/lease-housekeeper.ts'
import { promoteRelease, type Promotion } from '../../server/releases/promote-release.ts'
import type { PollAnswer } from '../../server/rollouts/poll-answer.ts'
import type { SharedFleet } from '../../server/rollouts/shared-fleet.ts'
import { aClock } from '../support/manual-clock.ts'
import { rolloutParts } from '../support/rollout-parts.ts'
import {
  addReleases,
  aSimulatedBot,
  loadAnswer,
  loadFrom,
  MODEL,
  pollerOf,
  SECOND,
  soundBlobs,
  TAG,
  type SimulatedBot,
} from './runner-support.ts'

/** One of several servers over a catalog: all that it shares with the others is rows. */
export interface SharedServer extends ReturnType<typeof rolloutParts> {
  readonly name: string
  readonly fleet: SharedFleet
  readonly housekeeping: LeaseHousekeeper
  /** Aborts when it is killed: it answers nobody any more, whatever it has begun. */
  readonly killed: AbortController
}

/** Several servers over one catalog with releases 1 to 4, and bots each of whose polls may reach any of them. */
export class SharedShop {
  readonly catalog: Catalog
  readonly clock = aClock()
  readonly bots: SimulatedBot[] = []
  readonly servers: SharedServer[] = []
  /** How many bots were being updated at once at most, by the rows of the catalog. */
  mostUpdating = 0
  /** What went wrong in servers that is tried again. */
  readonly failures: unknown[] = []

  #started = 0

  private constructor(catalog: Catalog) {
    this.catalog = catalog
  }

  /** @param bots How many there are; all have shown that they load what they are sent. */
  static async open(catalog: Catalog, { servers = 2, bots = 6 } = {}): Promise<SharedShop> {
    const shop = new SharedShop(catalog)
    await addReleases(catalog)
    for (let index = 0; index < servers; index++) await shop.addServer()
    for (let index = 1; index <= bots; index++) shop.addBot(index)
    const [first] = shop.servers
    await shop.promote(first!, 1)
    for (let round = 0; round < 4; round++) await shop.round()
    shop.mostUpdating = 0
    return shop
  }

  /** Starts another server: it knows what the catalog says. */
  async addServer(): Promise<SharedServer> {
    const { clock } = this
    const killed = new AbortController()
    const catalog = mortal(this.catalog, killed.signal)
    const name = `server-${++this.#started}`
    const housekeeping = new LeaseHousekeeper({
      catalog,
      self: { holder: name, place: '', host: name },
      timings: { duration: 600_000, renewal: 5_000, margin: 1_000 },
    })
    const parts = rolloutParts(catalog, {
      clock,
      housekeeping,
      isShared: true,
      followed: aFollowedDatabase(),
      onFailure: (error) => this.failures.push(error),
    })
    const { fleet, shared } = parts
    if (shared === undefined || fleet === undefined) throw new Error('It shares nothing')
    await shared.state.begin(catalog)
    await loadFrom(catalog, parts)
    const server = { ...parts, name, fleet, housekeeping, killed }
    await housekeeping.renew()
    this.servers.push(server)
    return server
  }

  addBot(index: number): SimulatedBot {
    const bot = aSimulatedBot(index)
    this.bots.push(bot)
    return bot
  }

  /** A server ends without a word: nobody asks it any more, and its lease runs out. */
  async kill(server: SharedServer): Promise<void> {
    this.servers.splice(this.servers.indexOf(server), 1)
    const { term } = server.housekeeping
    server.killed.abort()
    void server.judge.stop()
    if (term === undefined) return
    await this.#endLease(server, term.epoch)
    await this.#renewAll(this.servers)
  }

  /** The lease of a server ends, and it does not know yet. */
  async takeLeaseFrom(server: SharedServer): Promise<void> {
    const epoch = server.housekeeping.term?.epoch
    if (epoch === undefined) return
    await this.#endLease(server, epoch)
    await this.#renewAll(this.servers.filter((other) => other !== server))
  }

  async #endLease({ name }: SharedServer, epoch: number): Promise<void> {
    await this.catalog.writeShared((writer) => writer.giveUpLease(HOUSEKEEPER_LEASE, name, epoch))
  }

  async #renewAll(servers: readonly SharedServer[]): Promise<void> {
    for (const { housekeeping } of servers) await housekeeping.renew()
  }

  promote(server: SharedServer, release: number, more: Partial<Promotion> = {}) {
    return promoteRelease(
      { blobs: soundBlobs(), catalog: this.catalog, damaged: new DamagedBlobs(), tagMover: server.runner },
      { model: MODEL, tag: TAG, by: 'ci', release, ...more },
    )
  }

  /** A bot polls one of the servers. What it is sent it loads, or fails to, before its next poll. */
  async poll(bot: SimulatedBot, server: SharedServer): Promise<PollAnswer | undefined> {
    const answer = await unlessKilled(server, server.select(MODEL, TAG, pollerOf(bot), this.clock.now()))
    const updating = (await this.catalog.listProcesses({ limit: 1_000 })).filter(
      ({ record }) => record.offer !== null,
    )
    this.mostUpdating = Math.max(this.mostUpdating, updating.length)
    loadAnswer(bot, answer)
    return answer
  }

  /** Every bot polls once, all of them at once, each whichever server `choose` says; then time passes, and servers do what they do every few seconds. */
  async round(choose = (index: number) => index % this.servers.length): Promise<void> {
    await Promise.all(this.bots.map((bot, index) => this.poll(bot, this.servers[choose(index)]!)))
    this.clock.advance(SECOND)
    for (const server of this.servers) {
      await server.fleet.compare()
      await server.fleet.save()
      await server.judge.judgeAll()
    }
  }

  /** Every server tells the others when it heard bots, and hears them. */
  async settle(): Promise<void> {
    for (let time = 0; time < 2; time++) for (const server of this.servers) await server.fleet.save()
  }

  /** What a server says of each bot. */
  described(server: SharedServer) {
    return this.bots.map(({ process }) => {
      const record = server.tracker.memory.find(MODEL, process)
      if (record === undefined) return undefined
      // A gap is measured by each server for itself.
      const { gaps: _, steady: __, ...rest } = record
      return rest
    })
  }

  stored() {
    return this.catalog.listRollouts(MODEL, TAG, { limit: 100 })
  }

  async eventsOf(kind: string) {
    const events = await this.catalog.listEventsAfter(0, 10_000)
    return events.filter((event) => event.kind === kind)
  }

  async tagAt(): Promise<number | undefined> {
    return (await this.catalog.findTag(MODEL, TAG))?.release
  }
}

/** Followed by a server that does not wait before its second look. */
function aFollowedDatabase(): FollowedDatabase {
  return new FollowedDatabase('', () => Promise.resolve())
}

/** A connection to a server that is killed breaks. */
async function unlessKilled<Result>(
  { killed }: SharedServer,
  answering: Result | Promise<Result>,
): Promise<Result | undefined> {
  if (killed.signal.aborted) return undefined
  const breaks = new Promise<undefined>((resolve) => {
    killed.signal.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  return Promise.race([answering, breaks])
}

/** A catalog of a server that may be killed: of what it writes then, some is durable, and it learns of none. */
function mortal(catalog: Catalog, killed: AbortSignal): Catalog {
  const last = async <Result>(writing: Promise<Result>): Promise<Result> => {
    const result = await writing
    if (killed.aborted) return new Promise(() => undefined)
    return result
  }
  return {
    ...catalog,
    write: (model, work) =>
      killed.aborted ? new Promise(() => undefined) : last(catalog.write(model, work)),
    writeShared: (work) => (killed.aborted ? new Promise(() => undefined) : last(catalog.writeShared(work))),
  }
}
