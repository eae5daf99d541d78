import { IMMEDIATE, type RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import type { Fact } from '../../../server/fleet/fact.ts'
import { FleetMemory } from '../../../server/fleet/fleet-memory.ts'
import type { PullAccess } from '../../../server/fleet/independence.ts'
import type { ProcessRecord, Target } from '../../../server/fleet/process-record.ts'
import { advanceRollout } from '../../../server/rollouts/advance-rollout.ts'
import { beginRollout } from '../../../server/rollouts/begin-rollout.ts'
import type { Advanced } from '../../../server/rollouts/effect.ts'
import { fallbackDigests } from '../../../server/rollouts/fallbacks.ts'
import { hasEnded, type Rollout } from '../../../server/rollouts/rollout.ts'
import { selectRelease, wantedRelease } from '../../../server/rollouts/select-release.ts'
import { stableRelease } from '../../../server/rollouts/stable-release.ts'
import { unitsOf, unitsOfBot, type Unit } from '../../../server/rollouts/unit.ts'
import { countPopulation, countTaken } from '../../../server/rollouts/updating.ts'
import { NEW, OLD } from '../facts.ts'
import type { FleetServer, SimulatedAnswer, SimulatedPoll } from './fleet-server.ts'

const MODEL = 'shop'
const TAG = 'production'
const SHORTEST_SILENCE = 5 * 60_000

/** The pure core, put together as a server puts it together: one model, one tag, everything in memory. */
export class CoreServer implements FleetServer {
  readonly #memory = new FleetMemory(100_000)
  readonly #access: PullAccess
  readonly #releases = new Map<string, Target>()
  readonly #bots = new Map<string, string>()
  #listeningSince: number
  #heardAt = 0
  #streams = 0
  #slowestLoad: number | null = null
  tagAt: Target
  rollout: Rollout | null = null
  isQuarantined = false
  rolloutsBegun = 0

  readonly old = OLD
  readonly next = NEW
  readonly tickSeconds = 15

  constructor(access: PullAccess, now: number) {
    this.tagAt = OLD
    this.#access = access
    this.#listeningSince = now
    for (const target of [OLD, NEW]) this.#releases.set(target.digest, target)
  }

  poll({ process, source, digest, hints }: SimulatedPoll, now: number): SimulatedAnswer {
    this.#take({ kind: 'poll', process, tag: TAG, source, digest, hints }, now)
    const unit = this.#unit(process, this.#terms(now).before)
    const record = unit?.processes.find((each) => each.process === process)
    if (unit === undefined || record === undefined) return { status: 404 }
    const rollout = this.#current()
    const wanted = wantedRelease({ rollout, unit, current: this.tagAt })
    const units = wanted?.digest === digest ? [] : this.#units(now)
    const selection = selectRelease(
      {
        process: record,
        unit,
        current: this.tagAt,
        rollout,
        policy: rollout?.policy ?? IMMEDIATE,
        places: { taken: countTaken(units, rollout), population: countPopulation(units) },
        fallbacks: fallbackDigests(units).flatMap((each) => this.#releases.get(each) ?? []),
      },
      now,
    )
    if (selection.kind === 'none') return { status: 404 }
    if (selection.kind === 'offer') {
      const stream = `s${++this.#streams}`
      this.#take({ kind: 'offer-begun', process, target: selection.target, stream }, now)
      return { status: 200, target: selection.target, stream }
    }
    const standing = selection.kind === 'hold' ? selection.standing : 'in-sync'
    if (record.standing !== standing) this.#take({ kind: 'answered', process, standing }, now)
    return { status: selection.kind === 'hold' ? selection.status : 304 }
  }

  sent(process: string, stream: string, now: number): void {
    this.#take({ kind: 'offer-sent', process, stream }, now)
  }

  cut(process: string, stream: string, now: number): void {
    this.#take({ kind: 'offer-cut', process, stream }, now)
  }

  tick(now: number): void {
    const circumstances = { slowestLoad: this.#slowestLoad, listeningSince: this.#listeningSince }
    for (const { record } of this.#memory.records()) {
      // As FleetTracker does: nobody is lost earlier.
      if (record.lostAt !== null || now - record.lastSeen < SHORTEST_SILENCE) continue
      this.#take({ kind: 'silence', process: record.process, ...circumstances }, now)
    }
    this.#judge(now)
  }

  restart(now: number): () => boolean {
    this.#listeningSince = now
    return () => true
  }

  promote(policy: RolloutPolicy, now: number): void {
    const to = this.next
    const before = this.#current()
    const units = this.#units(now)
    const stable = stableRelease({
      ...{ underWay: before, to, tagAt: this.tagAt, units },
      isFromTakenBack: false,
    })
    const id = `r${++this.rolloutsBegun}`
    const request = {
      id,
      model: MODEL,
      tag: TAG,
      from: stable,
      to,
      tagAt: this.tagAt,
      order: `${MODEL}@${TAG} ${to.release}`,
      policy,
      startedBy: 'ci',
      reason: null,
    }
    this.rollout = null
    this.#apply(beginRollout(request, units, now))
  }

  close(): void {
    // Everything is in memory.
  }

  describe(process: string): ProcessRecord | undefined {
    return this.#memory
      .bot(MODEL, this.#bots.get(process) ?? '')
      ?.processes.find((each) => each.process === process)
  }

  describeEverywhere(process: string): (ProcessRecord | undefined)[] {
    return [this.describe(process)]
  }

  isKnown(): boolean {
    return true
  }

  listRunning(): ReadonlyMap<string, string | null>[] {
    return [new Map([...this.#memory.records()].map(({ record }) => [record.process, record.digest]))]
  }

  listDisagreements(): string[] {
    return []
  }

  countsAsEvidence(process: string): boolean {
    return this.#unit(process)?.isEvidence ?? false
  }

  unitOf(process: string): string | undefined {
    return this.#unit(process)?.id
  }

  #current(): Rollout | null {
    return this.rollout === null || hasEnded(this.rollout) ? null : this.rollout
  }

  #take(fact: Fact, now: number): void {
    this.#heardAt = now
    const { bot, events } = this.#memory.take(MODEL, fact, now)
    if (bot !== undefined) this.#bots.set(fact.process, bot.bot)
    for (const event of events) {
      if (event.kind === 'loaded') this.#slowestLoad = Math.max(this.#slowestLoad ?? 0, event.seconds)
    }
    if (events.length > 0 && fact.kind !== 'silence') this.#judge(now)
  }

  #judge(now: number): void {
    const rollout = this.#current()
    if (rollout === null) return
    const context = { units: this.#units(now), access: this.#access, listeningSince: this.#listeningSince }
    this.#apply(advanceRollout(rollout, context, now))
  }

  #apply({ rollout, effects }: Advanced): void {
    this.rollout = rollout
    for (const effect of effects) {
      if (effect.kind === 'move-tag') this.tagAt = effect.to
      if (effect.kind === 'quarantine') this.isQuarantined = true
      if (effect.kind === 'forget-failures') this.#memory.forgetFailures(MODEL, effect.target.digest)
    }
  }

  #terms(now: number): { access: PullAccess; before: number } {
    return { access: this.#access, before: this.#current()?.startedAt ?? now }
  }

  #units(now: number): Unit[] {
    return unitsOf([...this.#memory.bots(MODEL)], TAG, this.#terms(now), now)
  }

  #unit(process: string, before = this.rollout?.startedAt ?? 0): Unit | undefined {
    const bot = this.#memory.bot(MODEL, this.#bots.get(process) ?? '')
    if (bot === undefined) return undefined
    const terms = { access: this.#access, before }
    return unitsOfBot(bot, TAG, terms, this.#heardAt).find(({ processes }) =>
      processes.some((each) => each.process === process),
    )
  }
}
