import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bot as WireBot } from '../../protocol/bot.ts'
import type { Process as WireProcess } from '../../protocol/process.ts'
import type { Rollout as WireRollout, RolloutSummary } from '../../protocol/rollout.ts'
import type { EventReader, StoredEvent } from '../catalog/events.ts'
import type { PageOf } from '../catalog/page-of.ts'
import type { RolloutReader } from '../catalog/rollouts.ts'
import type { Bot } from '../fleet/bot.ts'
import { lastHeard } from '../fleet/bot-summary.ts'
import { describeBot, describeProcess, type ReleaseNumberOf } from '../fleet/describe-bot.ts'
import { takeFleetCensus, type TagBots } from '../fleet/fleet-census.ts'
import { listBots, listProcesses, type FleetFilter, type ListedFleet } from '../fleet/list-fleet.ts'
import type { FleetMemory } from '../fleet/fleet-memory.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Clock } from '../time/clock.ts'
import { DomainError } from '../errors/errors.ts'
import { describeRollout, summarizeRollout } from './describe-rollout.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import { readiness, type Readiness } from './readiness.ts'
import { listRunningAt, type RunningBot } from './running-at.ts'
import type { Rollout } from './rollout.ts'
import { tallyRollouts, type TalliedFleet } from './tally-rollouts.ts'
import { unitsOfBot } from './unit.ts'

/** The members of a rollout may be 50,000 names, which take some 10 ms to read. */
const READ_AT_ONCE = 5

/** Thousands of bots without names behind one address are one: so many of its processes are told with it. */
const MOST_PROCESSES = 1_000

export interface FleetViewDependencies {
  readonly memory: FleetMemory
  readonly rollouts: LiveRollouts
  readonly catalog: RolloutReader & EventReader
  readonly releaseOf: ReleaseNumberOf
  readonly digestsOf: ListedFleet['digestsOf']
  readonly access: PullAccess
  readonly clock: Clock
  /** Whether this server began without its catalog: what it knows of bots is not worth telling. */
  readonly isUnknown?: () => boolean
}

/** Everything that is told of bots, processes and rollouts. It changes nothing. */
export class FleetView {
  readonly #dependencies: FleetViewDependencies

  constructor(dependencies: FleetViewDependencies) {
    this.#dependencies = dependencies
  }

  /** Bots by model and name, ascending. @param page Begins behind the cursor. */
  async listBots(filter: FleetFilter, page: PageOf<Pick<WireBot, 'model' | 'bot'>>): Promise<WireBot[]> {
    this.#requireKnown()
    return await listBots(this.#listed, filter, page)
  }

  /** How many bots of each tag are in which state and run what. */
  takeCensus(): Promise<TagBots[]> {
    return takeFleetCensus(this.#listed)
  }

  /** The number of the newest release of a model that has these bytes; undefined where none has. */
  releaseOf(model: string, digest: string): number | undefined {
    return this.#dependencies.releaseOf(model, digest)
  }

  /** Processes by model and name, ascending. @param page Begins behind the cursor. */
  async listProcesses(
    filter: FleetFilter,
    page: PageOf<Pick<WireProcess, 'model' | 'process'>>,
  ): Promise<WireProcess[]> {
    this.#requireKnown()
    return await listProcesses(this.#listed, filter, page)
  }

  /** A bot with its processes. @throws DomainError `bot-not-found` */
  readBot(model: string, name: string): { bot: WireBot; processes: WireProcess[] } {
    this.#requireKnown()
    const { memory, releaseOf, clock } = this.#dependencies
    const bot = memory.bot(model, name)
    if (bot === undefined || bot.processes.length === 0) {
      throw new DomainError('bot-not-found', `No process of "${model}" was heard of as "${name}".`, {
        model,
        bot: name,
      })
    }
    return {
      bot: describeBot(bot, releaseOf, clock.now()),
      processes: this.#describeProcesses(bot),
    }
  }

  #requireKnown(): void {
    if (this.#dependencies.isUnknown?.() !== true) return
    throw new DomainError(
      'catalog-unavailable',
      'This server started without its catalog, and does not know the bots that polled before; it does again once the catalog is back and it was started anew.',
    )
  }

  /** What happened to a bot, the last first, by sequence. */
  listBotEvents(model: string, bot: string, page: PageOf<number>): Promise<StoredEvent[]> {
    return this.#dependencies.catalog.listBotEvents({ model, bot }, page)
  }

  /** What happened behind a sequence number, in order; 0: from the first that is kept. */
  listEventsAfter(sequence: number, limit: number): Promise<StoredEvent[]> {
    return this.#dependencies.catalog.listEventsAfter(sequence, limit)
  }

  /** What each bot ran at a moment, by name, ascending. @param at Milliseconds since 1970. @param page Begins behind the cursor. */
  listRunningAt(model: string, at: number, page: PageOf<string>): Promise<RunningBot[]> {
    return listRunningAt(this.#dependencies, model, at, page)
  }

  /** The rollouts of a model, the last begun first; the cursor is an id as a number. */
  async listRollouts(
    model: string,
    tag: string | undefined,
    { limit, cursor }: PageOf<number>,
  ): Promise<RolloutSummary[]> {
    const summaries: RolloutSummary[] = []
    for (let after = cursor; summaries.length < limit;) {
      const part = Math.min(READ_AT_ONCE, limit - summaries.length)
      const page = { limit: part, ...(after === undefined ? {} : { cursor: after }) }
      const found = await this.#dependencies.catalog.listRollouts(model, tag, page)
      const rollouts = found.map((rollout) => this.#newest(rollout))
      const tallies = await tallyRollouts(rollouts, model, this.#tallied)
      summaries.push(...rollouts.map((rollout) => summarizeRollout(rollout, tallies.get(rollout))))
      if (found.length < part) break
      after = Number(found.at(-1)?.id)
      await nextTurn()
    }
    return summaries
  }

  /** The rollouts of a model that have not ended. */
  async listRolloutsUnderWay(model: string): Promise<RolloutSummary[]> {
    const rollouts = this.#dependencies.rollouts.all().filter((rollout) => rollout.model === model)
    const tallies = await tallyRollouts(rollouts, model, this.#tallied)
    return rollouts.map((rollout) => summarizeRollout(rollout, tallies.get(rollout)))
  }

  /** The model of each rollout that stands still. */
  listPausedModels(): string[] {
    return this.#dependencies.rollouts
      .all()
      .filter(({ state }) => state === 'paused')
      .map(({ model }) => model)
  }

  /** @throws DomainError `rollout-not-found` */
  async readRollout(model: string, id: string): Promise<WireRollout> {
    const rollout = await this.#dependencies.catalog.findRollout(model, id)
    if (rollout !== undefined) return this.describeRollout(this.#newest(rollout))
    throw new DomainError('rollout-not-found', `The model "${model}" has no rollout ${id}.`, { model, id })
  }

  /** A rollout in the form of the protocol. */
  async describeRollout(rollout: Rollout): Promise<WireRollout> {
    const tallies = await tallyRollouts([rollout], rollout.model, this.#tallied)
    return describeRollout(rollout, tallies.get(rollout))
  }

  /** Whether a load balancer may send users to a bot; one that is not known is ready. */
  readiness(model: string, name: string): Readiness {
    const { memory, rollouts } = this.#dependencies
    // Whoever may pull may ask, as often as he likes: of a crowded bot only what updates is looked at.
    const bot = memory.updatingBot(model, name)
    const tag = bot && lastHeard(bot.processes)?.tag
    if (bot === undefined || tag === undefined) return { ready: true }
    const rollout = rollouts.find(model, tag)
    const policy = rollout?.policy ?? rollouts.policy(model, tag)
    if (policy.drain === 0) return { ready: true }
    return readiness(unitsOfBot(bot, tag, this.#terms(model, tag), this.#now), policy, rollout)
  }

  get #listed(): ListedFleet {
    const { memory, releaseOf, digestsOf } = this.#dependencies
    return { memory, releaseOf, digestsOf, now: this.#now }
  }

  get #now(): number {
    return this.#dependencies.clock.now()
  }

  #terms(model: string, tag: string) {
    const { access, rollouts } = this.#dependencies
    return { access, before: rollouts.find(model, tag)?.startedAt ?? this.#now }
  }

  get #tallied(): TalliedFleet {
    const { memory, access } = this.#dependencies
    return { memory, access, now: this.#now }
  }

  /**
   * A rollout as it is in memory, where it is under way: the catalog may be behind by the clock of its step and what probes found. Where it is in
   * another state or step there, another server has brought it further.
   */
  #newest(rollout: Rollout): Rollout {
    const live = this.#dependencies.rollouts.find(rollout.model, rollout.tag)
    const isSame = live?.id === rollout.id && live.state === rollout.state && live.step === rollout.step
    return isSame ? live : rollout
  }

  #describeProcesses(bot: Bot): WireProcess[] {
    const { releaseOf, clock } = this.#dependencies
    const now = clock.now()
    const { processes } = bot
    const told =
      processes.length <= MOST_PROCESSES
        ? processes
        : processes.toSorted((one, other) => other.lastSeen - one.lastSeen).slice(0, MOST_PROCESSES)
    return told.map((process) => describeProcess(bot, process, releaseOf, now))
  }
}
