import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import type { Event } from '../../protocol/event.ts'
import type { Rollout, RolloutSummary } from '../../protocol/rollout.ts'
import type { TagMove } from '../../protocol/tag.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { FaultyGroup, untilWritable, type FaultyMember } from '../support/faulty-group.ts'
import { listAll } from '../support/history/list-all.ts'
import { sendOnce } from '../support/kills/single-request.ts'
import { shortOrLong } from '../support/long-form.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const DEADLINE = 180_000
const MODEL = '/api/v1/models/shop'

/** A rollout that the housekeeper, which judges it, is killed amid. */
interface KilledRollout {
  readonly name: string
  /** Whether bots can load what it brings out. */
  readonly isSound: boolean
  /** Whether what was judged is committed, and nobody was told, or is in a transaction that is open. */
  readonly isCommitted: boolean
}

const { rollouts, isStartedAgain } = shortOrLong(
  'rollouts of a group whose housekeeper is killed as it judges them: one instead of three, and it is started again at once instead of another one taking over',
  {
    short: {
      rollouts: [{ name: 'a sound release', isSound: true, isCommitted: true }],
      isStartedAgain: true,
    },
    long: {
      rollouts: [
        { name: 'a sound release', isSound: true, isCommitted: true },
        { name: 'the next one', isSound: true, isCommitted: false },
        { name: 'a release that no bot can load', isSound: false, isCommitted: true },
      ],
      isStartedAgain: false,
    },
  },
)

describe('a rollout by a group whose housekeeper is killed as it judges it', function () {
  this.timeout(900_000)

  it(`goes on where it was, does each of its steps once, and moves the tag once (${rollouts.length} kills)`, async function () {
    const fleet = await KilledFleet.start(this)
    for (const rollout of rollouts)
      await fleet.bringOut(rollout).catch((cause: unknown) => {
        throw new Error(`${rollout.name}: ${String(cause)}`, { cause })
      })
  })
})

/** Bots that poll whichever server of a group runs, and what they should have been sent. */
class KilledFleet {
  readonly #group: FaultyGroup
  readonly #bots: readonly PollingBot[]
  /** Servers that are not polled now. */
  readonly #away: Set<FaultyMember>
  #release = 0
  #stable = 0
  /** Where the tag pointed, from the first move on. */
  readonly #moves: number[] = []
  readonly #digests = new Map<number, string>()
  /** Answers that nobody may get. */
  readonly #surprises = new Set<string>()
  #ends = false

  private constructor(group: FaultyGroup) {
    this.#group = group
    this.#away = new Set()
    let polls = 0
    const address = () => {
      const there = group.members.filter((member) => !this.#away.has(member))
      return `${there[polls++ % there.length]!.running.url}/models/shop@production`
    }
    this.#bots = ['pod-1', 'pod-2', 'pod-3'].map((name) => new PollingBot(address, name))
  }

  static async start(context: Mocha.Context): Promise<KilledFleet> {
    const fleet = new KilledFleet(await FaultyGroup.start(context, { servers: 3 }))
    await fleet.#publish('?tag=production')
    fleet.#moves.push(1)
    fleet.#stable = 1
    for (const url of fleet.#group.urls)
      await fleet.#until(
        `${url} knows it`,
        async () => (await fetch(`${url}/models/shop@production`, { method: 'HEAD' })).ok,
      )
    const polling = fleet.#bots.map((bot) => fleet.#poll(bot))
    afterThisTest(async () => {
      fleet.#ends = true
      await Promise.all(polling)
    })
    await fleet.#until('they run it', () => fleet.#doAllRun(1))
    const [first] = fleet.#group.members as [FaultyMember]
    await fleet.#until('it is out', async () => (await fleet.#rollout(first)).state === 'done')
    return fleet
  }

  /** Brings the next release out step by step, and kills the housekeeper as it writes down what it judged. */
  async bringOut({ isSound, isCommitted }: KilledRollout): Promise<void> {
    const before = this.#stable
    const keeper = await eventually('one keeps house', () => this.#housekeeper(), DEADLINE)
    const other = this.#group.members.find((member) => member !== keeper)!
    const { release, digest } = await this.#publish('')
    if (!isSound) for (const bot of this.#bots) bot.unloadable.add(digest)
    const policy = { steps: [1, '100%'], attempts: 1 }
    const body = { release, policy }
    const taken = this.#bots.map((bot) => bot.taken)
    // What bots tell is taken in by the others: all that the housekeeper writes of a rollout is what it judged.
    this.#away.add(keeper)
    keeper.database.inject({ kind: 'hold-answer', to: 'update "rollouts"' })
    const begun = await sendOnce(other.running.url, { method: 'PUT', path: `${MODEL}/tags/production`, body })
    expect(begun.status, JSON.stringify(begun.body)).to.equal(200)
    await this.#until('it judges', () => keeper.database.strikes() > 0)
    if (isCommitted) {
      const judged = await this.#stateAt(other)
      keeper.database.inject({ kind: 'hold-answer', to: 'commit\0' })
      await this.#until('what it judged is committed', async () => (await this.#stateAt(other)) !== judged)
    }
    keeper.running.kill('SIGKILL')
    await keeper.running.ended
    keeper.database.heal()
    if (isStartedAgain) await this.#startAgain(keeper)

    const end = isSound ? 'done' : 'reverted'
    await this.#until('it ends', async () => (await this.#rollout(other)).state === end)
    if (!isStartedAgain) await this.#startAgain(keeper)
    if (isSound) this.#moves.push(release)
    this.#stable = isSound ? release : before
    await this.#until('they run what the tag points at', () => this.#doAllRun(this.#stable))
    const sent = this.#bots.map((bot, index) => bot.taken - taken[index]!)
    // One of them alone was sent what it cannot load, and what it runs all the time.
    if (isSound) expect(sent).to.deep.equal([1, 1, 1])
    else expect(sent.filter((count) => count > 0)).to.have.length(1)
    for (const member of this.#group.members) await this.#verify(member, release, isSound)
  }

  async #startAgain(member: FaultyMember): Promise<void> {
    await this.#group.startAgain(member)
    await untilWritable(member)
    this.#away.delete(member)
  }

  async #verify(member: FaultyMember, release: number, isSound: boolean): Promise<void> {
    const { url } = member.running
    const moves = await listAll<TagMove>(`${url}${MODEL}/tags/production/history`)
    expect(moves.map(({ to }) => to).toReversed()).to.deep.equal(this.#moves)
    const answer = await fetch(`${url}/api/v1/events?after=0&limit=1000`)
    const { items } = (await answer.json()) as { items: Event[] }
    const told = items
      .filter(
        ({ type, tag, data }) => type === 'rollout.changed' && tag === 'production' && data['to'] === release,
      )
      .map(({ data }) => `${String(data['state'])} ${String(data['step'])}`)
    const expected = isSound
      ? ['running 0', 'running 1', 'done 1']
      : ['running 0', 'reverting 0', 'reverted 0']
    expect(told, url).to.deep.equal(expected)
    const ends = isSound ? 'passed passed' : 'failed waiting'
    // What it knows of what others wrote may be a second old.
    await this.#until(`${url} says how it ended`, async () => {
      const { steps } = await this.#rollout(member)
      return steps.map(({ state }) => state).join(' ') === ends
    })
  }

  async #publish(query: string): Promise<{ release: number; digest: string }> {
    const body = anArchive({ payloadBytes: 1_000 + this.#release++ })
    const { url } = this.#group.members[0]!.running
    const { status, body: release } = await sendOnce(url, {
      method: 'POST',
      path: `/models/shop${query}`,
      body,
    })
    expect(status).to.equal(201)
    const { number, digest } = release as { number: number; digest: string }
    this.#digests.set(number, digest)
    return { release: number, digest }
  }

  #doAllRun(release: number): boolean {
    return this.#bots.every(({ digest }) => digest === this.#digests.get(release))
  }

  async #housekeeper(): Promise<FaultyMember | undefined> {
    return this.#group.housekeeper(this.#group.members[0]!)
  }

  async #stateAt(member: FaultyMember): Promise<string> {
    const { state, step } = await this.#rollout(member)
    return `${state} ${step}`
  }

  /** The last one of the tag. */
  async #rollout({ running: { url } }: FaultyMember): Promise<Rollout> {
    const all = await listAll<RolloutSummary>(`${url}${MODEL}/rollouts`)
    const last = all.find(({ tag }) => tag === 'production')
    const answer = await fetch(`${url}${MODEL}/rollouts/${last!.id}`)
    return (await answer.json()) as Rollout
  }

  async #until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const probe = () => {
      expect([...this.#surprises]).to.deep.equal([])
      return isSo()
    }
    await eventually(what, probe, DEADLINE)
  }

  /** Each of its own accord; one that a server defers asks again. */
  async #poll(bot: PollingBot): Promise<void> {
    while (!this.#ends) {
      const status = await bot.poll().catch(() => 0)
      if (![200, 204, 304, 503].includes(status)) this.#surprises.add(`${bot.name} was answered ${status}`)
      await delay(50)
    }
  }
}
