import { mkdtemp, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import type { ProcessRecord, Target } from '../../../server/fleet/process-record.ts'
import type { Rollout } from '../../../server/rollouts/rollout.ts'
import { unitsOfBot, type Unit } from '../../../server/rollouts/unit.ts'
import type { Disturbance, FleetServer, SimulatedAnswer, SimulatedPoll } from './fleet-server.ts'
import { GroupMember } from './group-member.ts'
import type { GroupTemplate } from './group-template.ts'
import { ObservedRollout } from './observed-rollout.ts'
import { Random } from './random.ts'
import type { SimulatedDatabase } from './simulated-database.ts'
import { API, listRunning, MODEL, requestJson, TAG } from './wire-requests.ts'

const HOUR = 60 * 60_000

/** When bots were heard is told in batches, every five seconds: what ends earlier takes that with it. Milliseconds. */
const TOLD_AFTER = 6_000

/** How far the clocks of servers are from the database's. */
const CLOCK_OFFSETS = [0, HOUR, -HOUR]

/**
 * Several servers that ship, over a real Postgres, in virtual time: any of them answers a poll, their clocks are an hour apart, one at a time
 * ends, sleeps or loses its database. What they do every second or five is done when the simulator says so; where it can be seen from here
 * that it would find nothing, it is left out.
 */
export class WholeGroup implements FleetServer {
  readonly old: Target
  readonly next: Target
  readonly tickSeconds = 1
  readonly #database: SimulatedDatabase
  readonly #folder: string
  readonly #random: Random
  readonly #members: GroupMember[] = []
  /** Those that begin when the release is promoted: before that there is nothing to agree on. */
  readonly #joining: GroupMember[] = []
  /** Which server answered a process last. */
  readonly #answerers = new Map<string, GroupMember>()
  /** Processes that were answered last by one that could not tell the others. */
  readonly #unknown = new Set<string>()
  /** When each process was answered last, and those of which nobody was told any more when that was, as who knew ended or was cut off. */
  readonly #answeredAt = new Map<string, number>()
  readonly #untold = new Set<string>()
  /**
   * Processes that began with what a server knew that the database did not answer, and that server: until it stands in the rows, nobody can
   * count them.
   */
  readonly #unrecorded = new Map<string, GroupMember>()
  readonly #forgotten: string[] = []
  unrecorded = 0
  #now: number
  readonly #observed: ObservedRollout

  private constructor(
    database: SimulatedDatabase,
    folder: string,
    releases: readonly Target[],
    seed: number,
    now: number,
  ) {
    this.#database = database
    this.#folder = folder
    this.#random = new Random(seed)
    this.#now = now
    const [old, next] = releases
    if (old === undefined || next === undefined) throw new Error('there are no releases')
    this.old = old
    this.next = next
    this.#observed = new ObservedRollout(next)
  }

  /** Starts servers whose fleet is to run the first of two releases. @param servers How many. */
  static async start(
    template: GroupTemplate,
    { servers, now, seed }: { servers: number; now: number; seed: number },
  ): Promise<WholeGroup> {
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-group-'))
    const database = await template.database.copy(`simulated_${randomBytes(6).toString('hex')}`)
    const group = new WholeGroup(database, folder, template.releases, seed, now)
    for (let index = 0; index < servers; index++) {
      const member = new GroupMember({
        name: `server-${index + 1}`,
        folder: path.join(folder, String(index)),
        database: database.url,
        archives: path.join(template.folder, 'archives'),
        clockOffset: CLOCK_OFFSETS[index % CLOCK_OFFSETS.length] ?? 0,
        random: (bytes) => group.#random.bytes(bytes),
        virtualNow: () => group.#now,
        setDatabaseTime: () => database.setTime(group.#now),
      })
      group.#joining.push(member)
    }
    const [first] = group.#joining.splice(0, 1)
    await first?.start()
    group.#members.push(...(first === undefined ? [] : [first]))
    return group
  }

  async poll(poll: SimulatedPoll, now: number): Promise<SimulatedAnswer> {
    await this.#goTo(now)
    const member = this.#random.pick(this.#members.filter(({ isInBalance }) => isInBalance))
    if (member.isAsleep) {
      member.receiveLate(poll)
      this.#unknown.add(poll.process)
      return { status: 503, excuse: 'it sleeps' }
    }
    const answer = await member.answer(poll)
    for (const each of this.#members) each.noteHeard()
    this.#answerers.set(poll.process, member)
    this.#answeredAt.set(poll.process, now)
    this.#untold.delete(poll.process)
    this.#unrecorded.delete(poll.process)
    if (answer !== undefined && answer.status !== 503 && member.isWell) this.#unknown.delete(poll.process)
    else this.#unknown.add(poll.process)
    if (answer === undefined) return { status: 503, excuse: 'it ended meanwhile' }
    if (answer.status === 200 && poll.digest === null) await this.#noteUnrecorded(poll.process, member)
    await this.#settle(member)
    const { status, release, stream } = answer
    if (status === 503) return { status, excuse: member.isSettled ? undefined : 'it may know too little' }
    if (status === 200) {
      const target = [this.old, this.next].find((each) => each.release === release)
      if (target === undefined) throw new Error(`a poll was answered with release ${release}`)
      return { status, target, stream }
    }
    if (status !== 204 && status !== 304 && status !== 404) throw new Error(`a poll was answered ${status}`)
    return { status }
  }

  async sent(_process: string, stream: string, now: number): Promise<void> {
    await this.#finish(stream, now, 'arrive')
  }

  async cut(process: string, stream: string, now: number): Promise<void> {
    this.#unrecorded.delete(process)
    await this.#finish(stream, now, 'reset')
  }

  async tick(now: number): Promise<void> {
    this.#now = now
    for (const member of this.#members.filter(({ isOver }) => isOver)) {
      if (member.isUp) await member.recover(this.#random.chance(0.5))
      else await member.start()
    }
    for (const member of this.#members.filter(({ isUp }) => isUp)) {
      const mayTakeOver = !this.#members.some(({ isWell, keepsHouse }) => isWell && keepsHouse)
      await member.tick(this.#changes(), { mayTakeOver, isAlone: this.#members.length === 1 })
      await this.#observed.read(member)
    }
    await this.#lookForUnrecorded()
  }

  /** One of them, for half a minute or so, after which it starts anew; half of the times it ends without a word. */
  async restart(now: number): Promise<(stream: string) => boolean> {
    await this.#goTo(now)
    const member = this.#pickToDisturb()
    if (member === undefined) return () => false
    const broken = await member.stop(this.#random.chance(0.5), this.#random.between(1, 60) * 1000)
    return (stream) => broken.has(stream)
  }

  async disturb(what: Disturbance, now: number, milliseconds: number): Promise<void> {
    await this.#goTo(now)
    this.#pickToDisturb()?.disturb(what, milliseconds)
  }

  async promote(policy: RolloutPolicy, now: number): Promise<void> {
    await this.#goTo(now)
    for (const joining of this.#joining.splice(0)) {
      await joining.start()
      this.#members.push(joining)
    }
    const member = this.#random.pick(this.#members)
    const body = { release: this.next.release, policy }
    await requestJson(member.server.http, 'PUT', `${API}/tags/${TAG}`, body)
    await this.#settle(member)
  }

  async close(): Promise<void> {
    try {
      for (const member of this.#members) if (member.isUp) await member.stop(false, 0)
      await this.#database.drop()
    } finally {
      await rm(this.#folder, { recursive: true, force: true })
    }
  }

  get rollout(): Rollout | null {
    return this.#observed.latest
  }

  get isQuarantined(): boolean {
    return this.#observed.isQuarantined
  }

  get tagAt(): Target {
    const [member] = this.#members.filter(({ isSettled }) => isSettled)
    return this.#tagAt(member ?? this.#view(''))
  }

  describe(process: string, asking = process): ProcessRecord | undefined {
    return this.#view(asking).describe(process)
  }

  describeEverywhere(process: string): (ProcessRecord | undefined)[] {
    if (this.#untold.has(process)) return []
    return this.#members.filter(({ isSettled }) => isSettled).map((member) => member.describe(process))
  }

  isKnown(process: string): boolean {
    return !this.#unknown.has(process)
  }

  async listRunning(): Promise<ReadonlyMap<string, string | null>[]> {
    await this.#recoverAll()
    const lists: Map<string, string | null>[] = []
    for (const { server } of this.#members) lists.push(await listRunning(server.http))
    return lists
  }

  async listDisagreements(): Promise<string[]> {
    await this.#recoverAll()
    const said = this.#members.map((member) => {
      const live = member.server.rollouts.find(MODEL, TAG)
      const rollout = live === null ? 'no rollout' : `the rollout ${live.state} in step ${live.step + 1}`
      return `${rollout} and the tag at ${this.#tagAt(member).release}`
    })
    return [...this.#forgotten, ...(new Set(said).size === 1 ? [] : [`servers know ${said.join('; ')}`])]
  }

  countsAsEvidence(process: string, asking = process): boolean {
    return this.#unit(process, asking)?.isEvidence ?? false
  }

  unitOf(process: string, asking = process): string | undefined {
    return this.#unit(process, asking)?.id
  }

  #unit(process: string, asking: string): Unit | undefined {
    const bot = this.#view(asking).server.fleet.memory.botOf(MODEL, process)
    if (bot === undefined) return undefined
    const terms = { access: { needsToken: false }, before: this.rollout?.startedAt ?? 0 }
    const units = unitsOfBot(bot, TAG, terms, this.#now)
    return units.find(({ processes }) => processes.some((each) => each.process === process))
  }

  /** The server that answered a process last; another one where that is down. */
  #view(process: string): GroupMember {
    const answerer = this.#answerers.get(process)
    if (answerer?.isUp === true) return answerer
    const member = this.#members.find(({ isWell }) => isWell) ?? this.#members.find(({ isUp }) => isUp)
    if (member === undefined) throw new Error('no server is up')
    return member
  }

  #tagAt({ server }: GroupMember): Target {
    return server.current.find(MODEL, TAG)?.number === this.next.release ? this.next : this.old
  }

  /** The server that answered may have decided over rows, or have had no answer from the database: only rows tell. */
  async #noteUnrecorded(process: string, member: GroupMember): Promise<void> {
    if (await this.#database.isOffered(process)) return
    this.unrecorded++
    this.#unrecorded.set(process, member)
    this.#unknown.add(process)
  }

  /** What a server gave somebody stands in the rows soon after the database answers it again, unless it ended before. */
  async #lookForUnrecorded(): Promise<void> {
    for (const [process, member] of this.#unrecorded) {
      if (await this.#database.isOffered(process)) this.#unknown.delete(process)
      else if (member.isSettled) this.#forgotten.push(`nobody knows that ${process} loads what it was given`)
      else if (member.isUp) continue
      this.#unrecorded.delete(process)
    }
  }

  #changes(): number {
    return this.#members.reduce((sum, { changes }) => sum + changes, 0)
  }

  /** At least one goes on. */
  #pickToDisturb(): GroupMember | undefined {
    if (!this.#members.every(({ isWell }) => isWell)) return undefined
    const member = this.#random.pick(this.#members)
    for (const [process, answerer] of this.#answerers) {
      if (answerer === member && this.#now - (this.#answeredAt.get(process) ?? 0) < TOLD_AFTER)
        this.#untold.add(process)
    }
    return member
  }

  async #goTo(now: number): Promise<void> {
    this.#now = now
    const changes = this.#changes()
    for (const member of this.#members) await member.lookAgain(changes)
  }

  async #finish(stream: string, now: number, end: 'arrive' | 'reset'): Promise<void> {
    await this.#goTo(now)
    for (const member of this.#members) {
      if (!(await member.finish(stream, end))) continue
      if (member.isUp) await this.#settle(member)
      return
    }
  }

  /** Lets everything that is in the way of any of them end, and has them tell each other. */
  async #recoverAll(): Promise<void> {
    for (const member of this.#members) {
      if (!member.isUp) await member.start()
      else if (!member.isWell) await member.recover(false)
    }
    for (let time = 0; time < 2; time++) {
      for (const { server } of this.#members) {
        await server.periodicWork.compare()
        await server.periodicWork.saveFleet()
      }
    }
  }

  /** Has what was concluded judged, and looks at what became of the rollout. */
  async #settle(member: GroupMember): Promise<void> {
    await member.judge()
    await this.#observed.read(member)
  }
}
