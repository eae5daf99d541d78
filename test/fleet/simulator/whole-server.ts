import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import type { RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import type { Release } from '../../../protocol/release.ts'
import type { Rollout as WireRollout } from '../../../protocol/rollout.ts'
import { composeServer, type ComposedServer } from '../../../server/composition/compose.ts'
import { loadConfig } from '../../../server/config/config.ts'
import type { ProcessRecord, Target } from '../../../server/fleet/process-record.ts'
import { hasEnded, type Rollout } from '../../../server/rollouts/rollout.ts'
import { unitsOfBot, type Unit } from '../../../server/rollouts/unit.ts'
import { aClock, type ManualClock } from '../../support/manual-clock.ts'
import type { FleetServer, SimulatedAnswer, SimulatedPoll } from './fleet-server.ts'
import { Random } from './random.ts'
import { never, SimulatedConnection } from './simulated-connection.ts'
import {
  API,
  listRunning,
  MODEL,
  pollRequest,
  publishBoth,
  requestJson,
  TAG,
  turnsUntil,
} from './wire-requests.ts'

/** An offer that is under way. */
interface Sending {
  readonly connection: SimulatedConnection
  /** How the server calls it. */
  readonly stream: string | undefined
}

/**
 * The server that ships, with its HTTP, its rollouts and its catalog in a folder, in virtual time: connections go through no
 * network, and what it does every few seconds is done when the simulator says so.
 */
export class WholeServer implements FleetServer {
  readonly old: Target
  readonly next: Target
  readonly tickSeconds = 15
  readonly #clock: ManualClock
  readonly #random: Random
  readonly #folder: string
  readonly #sending = new Map<string, Sending>()
  #server: ComposedServer
  #rollout: Rollout | null = null
  #connections = 0
  isQuarantined = false

  private constructor(
    folder: string,
    clock: ManualClock,
    server: ComposedServer,
    random: Random,
    [old, next]: [Target, Target],
  ) {
    this.#folder = folder
    this.#clock = clock
    this.#server = server
    this.#random = random
    this.old = old
    this.next = next
  }

  /**
   * Starts a server whose fleet is to run the first of two releases.
   *
   * @param template A folder of {@link makeTemplate}; it is copied.
   * @param seed Of what the server draws.
   */
  static async start(template: ServerTemplate, now: number, seed: number): Promise<WholeServer> {
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-fleet-'))
    await cp(template.folder, folder, { recursive: true })
    const clock = aClock(now)
    const random = new Random(seed)
    return new WholeServer(folder, clock, await open(folder, clock, random), random, template.releases)
  }

  async poll(poll: SimulatedPoll, now: number): Promise<SimulatedAnswer> {
    this.#setTime(now)
    const connection = new SimulatedConnection(this.#server.http, pollRequest(poll))
    const { status, headers } = await connection.answered
    if (status === 200) {
      const number = Number(headers.get('slipway-release'))
      const target = [this.old, this.next].find(({ release }) => release === number)
      if (target === undefined) throw new Error(`a poll was answered with release ${number}`)
      const stream = `c${++this.#connections}`
      this.#sending.set(stream, { connection, stream: this.describe(poll.process)?.offer?.stream })
      await this.#settle()
      return { status, target, stream }
    }
    if (status !== 204 && status !== 304 && status !== 404) throw new Error(`a poll was answered ${status}`)
    await this.#settle()
    return { status }
  }

  async sent(process: string, stream: string, now: number): Promise<void> {
    await this.#finish(process, stream, now, (connection) => {
      connection.arrive()
    })
  }

  async cut(process: string, stream: string, now: number): Promise<void> {
    await this.#finish(process, stream, now, (connection) => {
      connection.reset()
    })
  }

  async tick(now: number): Promise<void> {
    this.#setTime(now)
    this.#server.fleet.tick()
    await this.#server.fleet.save()
    await this.#settle()
  }

  /** As after a crash: what the server learns while its connections break reaches no catalog. */
  async restart(now: number): Promise<() => boolean> {
    this.#setTime(now)
    await this.#close()
    this.#server = await open(this.#folder, this.#clock, this.#random)
    await this.#settle()
    return () => true
  }

  async promote(policy: RolloutPolicy, now: number): Promise<void> {
    this.#setTime(now)
    await this.#api('PUT', `${API}/tags/${TAG}`, { release: this.next.release, policy })
    await this.#settle()
  }

  async close(): Promise<void> {
    await this.#close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get rollout(): Rollout | null {
    return this.#rollout
  }

  get tagAt(): Target {
    const tagged = this.#server.current.find(MODEL, TAG)
    return tagged?.number === this.next.release ? this.next : this.old
  }

  describe(process: string): ProcessRecord | undefined {
    return this.#server.fleet.memory.find(MODEL, process)
  }

  describeEverywhere(process: string): (ProcessRecord | undefined)[] {
    return [this.describe(process)]
  }

  isKnown(): boolean {
    return true
  }

  listDisagreements(): string[] {
    return []
  }

  async listRunning(): Promise<ReadonlyMap<string, string | null>[]> {
    return [await listRunning(this.#server.http)]
  }

  countsAsEvidence(process: string): boolean {
    return this.#unit(process)?.isEvidence ?? false
  }

  unitOf(process: string): string | undefined {
    return this.#unit(process)?.id
  }

  #unit(process: string): Unit | undefined {
    const bot = this.#server.fleet.memory.botOf(MODEL, process)
    if (bot === undefined) return undefined
    const terms = { access: { needsToken: false }, before: this.#rollout?.startedAt ?? 0 }
    const units = unitsOfBot(bot, TAG, terms, this.#clock.now())
    return units.find(({ processes }) => processes.some((each) => each.process === process))
  }

  /** Ends a transfer, and waits until the server has noted it. */
  async #finish(
    process: string,
    stream: string,
    now: number,
    end: (connection: SimulatedConnection) => void,
  ): Promise<void> {
    this.#setTime(now)
    const sending = this.#sending.get(stream)
    if (sending === undefined) return
    this.#sending.delete(stream)
    const before = this.describe(process)
    end(sending.connection)
    const isUnderWay = before?.offer?.stream === sending.stream && before?.offer?.sentAt === null
    await turnsUntil(() => !isUnderWay || this.describe(process) !== before)
    await this.#settle()
  }

  /** Has what was concluded judged, and looks at what became of the rollout. */
  async #settle(): Promise<void> {
    const { judge, rollouts } = this.#server
    await judge.judgeAll()
    const live = rollouts.find(MODEL, TAG)
    if (live !== null) {
      const isNew = live.state !== this.#rollout?.state
      this.#rollout = live
      if (isNew) await this.#readQuarantine()
      return
    }
    if (this.#rollout === null || hasEnded(this.#rollout)) return
    const { id, steps: before } = this.#rollout
    const { state, reason, steps: after } = await this.#api<WireRollout>('GET', `${API}/rollouts/${id}`)
    const steps = before.map((step, index) => ({ ...step, state: after[index]?.state ?? step.state }))
    this.#rollout = { ...this.#rollout, state, reason, steps }
    await this.#readQuarantine()
  }

  async #readQuarantine(): Promise<void> {
    const release = await this.#api<Release>('GET', `${API}/releases/${this.next.release}`)
    this.isQuarantined = release.quarantine != null
  }

  async #api<Answer>(method: string, url: string, json?: unknown): Promise<Answer> {
    return requestJson<Answer>(this.#server.http, method, url, json)
  }

  async #close(): Promise<void> {
    await this.#server.stop()
    await this.#server.close()
    for (const { connection } of this.#sending.values()) connection.reset()
    this.#sending.clear()
  }

  #setTime(now: number): void {
    this.#clock.advance(now - this.#clock.now())
  }
}

/** The folder of a server that was stopped, with two releases of which the first is tagged. */
export interface ServerTemplate {
  readonly folder: string
  readonly releases: [Target, Target]
}

/** Makes what every history begins from. */
export async function makeTemplate(now: number): Promise<ServerTemplate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-template-'))
  const server = await open(folder, aClock(now), new Random(now))
  const releases = await publishBoth(server.http)
  await server.stop()
  await server.close()
  return { folder, releases }
}

/** Composes a server over a folder; it listens nowhere. */
async function open(folder: string, clock: ManualClock, random: Random): Promise<ComposedServer> {
  const config = loadConfig({ SLIPWAY_SCRUB: 'off' }, folder)
  return composeServer(config, pino({ level: 'silent' }), clock, {
    monotonic: () => clock.now(),
    looks: never,
    random: (bytes) => random.bytes(bytes),
  })
}
