import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Catalog } from '../catalog/catalog.ts'
import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import type { PullAccess } from '../fleet/independence.ts'
import type { Target } from '../fleet/process-record.ts'
import type { CanBeSent } from '../releases/can-be-sent.ts'
import type { Clock } from '../time/clock.ts'
import { advanceRollout } from './advance-rollout.ts'
import type { Advanced } from './effect.ts'
import { askAgain } from './ask-again.ts'
import { judgeFleet } from './judge-fleet.ts'
import { JudgingPause } from './judging-pause.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import type { Prober } from './prober.ts'
import { reportRollout } from './report-rollout.ts'
import type { RolloutConsequences } from './rollout-change.ts'
import type { RolloutRunner } from './rollout-runner.ts'
import { isUrgent } from './is-urgent.ts'
import { hasWayBack, isImmediate, probeOf, type ProbeResult, type Rollout } from './rollout.ts'
import { noteProbe } from './steer-rollout.ts'
import { StepBots } from './step-bots.ts'
import { takeLatestBack } from './take-latest-back.ts'
import type { JudgedUnit } from './unit-status.ts'
import { findWayBack, type WayBack } from './way-back.ts'
import { keyOf } from '../fleet/key-of.ts'

/** What is concluded within so many milliseconds is judged together. */
const SHORTEST_REST = 200
const LONGEST_REST = 5_000

/** Judging thousands of bots takes its time from polls: it rests ten times as long. */
const REST_SHARE = 10

/** Of an `immediate` rollout only what bots do says something new, but for its end after an hour of silence. Milliseconds. */
const IMMEDIATE_JUDGED_EVERY = 60_000

/** How often the clock of a deadline is written down, in milliseconds: a restart loses at most that. */
const CLOCK_SAVED_EVERY = 60_000

export interface RolloutJudgeDependencies {
  readonly runner: RolloutRunner
  /** What the runner writes through. */
  readonly catalog: Catalog
  /** For what cannot wait for room on a full disk; missing: the same. */
  readonly urgentCatalog?: Catalog
  /** Whether this server judges: one does for all. */
  readonly housekeeping: Housekeeping
  /** Whether other servers hear bots, too. */
  readonly isShared?: boolean
  readonly rollouts: LiveRollouts
  readonly tracker: FleetTracker
  readonly access: PullAccess
  readonly clock: Clock
  readonly logger: Logger
  /** What it must not go back to by itself. */
  readonly canBeSent: CanBeSent
  /** Absent: bots cannot be reached, and policies with probes are refused. */
  readonly prober?: Prober | undefined
  /** Told where the catalog did not take what was judged; it is judged again at the next tick. */
  readonly onFailure: (error: unknown) => void
  /** Milliseconds that only grow. */
  readonly monotonic?: () => number
}

/** What a look at the bots of a rollout came to. */
interface Look {
  readonly rollout: Rollout
  readonly judged: readonly JudgedUnit[]
  readonly advanced: Advanced
  /** Undefined where it does not begin to go back. */
  readonly wayBack: WayBack | undefined
}

type SavedClock = Pick<Rollout, 'id' | 'judgedAt' | 'waited'>

/**
 * Judges the rollouts under way: soon after each conclusion about one of their bots, and every few seconds. What it finds is
 * written down before it counts: after a failed write, or a crash, the same is found again.
 */
export class RolloutJudge {
  readonly #dependencies: RolloutJudgeDependencies
  readonly #pause: JudgingPause
  readonly #waiting = new Set<string>()
  readonly #saved = new Map<string, SavedClock>()
  /** In which term the rollout of each tag was judged last: what a former housekeeper asked bots is asked again. */
  readonly #epochs = new Map<string, number>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #judging: Promise<void> = Promise.resolve()
  #rest = SHORTEST_REST

  constructor(dependencies: RolloutJudgeDependencies) {
    this.#dependencies = dependencies
    const { clock, monotonic = () => performance.now() } = dependencies
    this.#pause = new JudgingPause(clock, monotonic)
  }

  /** Has the rollouts of a model judged soon. */
  readonly noteChange = (model: string): void => {
    this.#waiting.add(model)
    if (this.#timer !== undefined || this.#stopping.signal.aborted) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const models = this.#takeWaiting()
      void this.#judge((rollout) => models.has(rollout.model))
    }, this.#rest).unref()
  }

  /** Judges every rollout under way of which time may say something new, and resolves when that is durable. It never rejects. */
  judgeAll(): Promise<void> {
    const models = this.#takeWaiting()
    const now = this.#dependencies.clock.now()
    return this.#judge(
      (rollout) =>
        models.has(rollout.model) ||
        !isImmediate(rollout) ||
        // Judged in the future: the clock was set back.
        Math.abs(now - rollout.judgedAt) >= IMMEDIATE_JUDGED_EVERY,
    )
  }

  /** Has judging and asking end, and resolves when it has. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    clearTimeout(this.#timer)
    await this.#judging
  }

  #takeWaiting(): Set<string> {
    const models = new Set(this.#waiting)
    this.#waiting.clear()
    return models
  }

  #judge(isWanted: (rollout: Rollout) => boolean): Promise<void> {
    this.#judging = this.#judging.then(async () => {
      const begun = performance.now()
      // Also where there is nothing to judge: of an hour without rollouts nobody could tell a jump from a slow drift.
      this.#pause.isOn()
      for (const { model, tag } of this.#dependencies.rollouts.all().filter(isWanted)) {
        if (this.#stopping.signal.aborted) return
        await this.#judgeTag(model, tag).catch((error: unknown) => {
          this.#waiting.add(model)
          this.#dependencies.onFailure(error)
        })
        await nextTurn()
      }
      const took = performance.now() - begun
      this.#rest = Math.min(LONGEST_REST, Math.max(SHORTEST_REST, REST_SHARE * took))
    })
    return this.#judging
  }

  async #judgeTag(model: string, tag: string): Promise<void> {
    const { catalog, urgentCatalog = catalog, housekeeping, rollouts, runner } = this.#dependencies
    const { term } = housekeeping
    if (term === undefined) return
    await runner.exclusively(
      model,
      async (write) => {
        if (this.#pause.isOn()) return
        const seen = await this.#look(model, tag, term, (rollout) => findWayBack(this.#dependencies, rollout))
        if (seen === undefined) return
        if (!this.#isDue(seen.advanced)) {
          rollouts.put(seen.advanced.rollout)
          return
        }
        const { result: found, consequences } = await write(
          async (change) => {
            // What other servers heard is known now, too.
            const found = this.#dependencies.isShared === true ? await this.#lookAgain(seen, term) : seen
            if (found === undefined || !this.#isDue(found.advanced)) return found
            await change.apply(found.advanced, found.judged)
            await takeLatestBack(change, found.advanced, found.wayBack?.passedOver ?? new Set())
            return found
          },
          isUrgent(seen.advanced) ? term.fence(urgentCatalog) : undefined,
        )
        if (found === undefined || !this.#isDue(found.advanced)) return
        this.#noteSaved(found.advanced.rollout)
        reportRollout(this.#dependencies.logger, found, consequences)
        this.#askProbes(found.advanced.rollout, consequences)
      },
      term.fence(catalog),
    )
  }

  /** What is to become of the rollout of a tag by what memory knows; undefined where none is under way. */
  async #look(
    model: string,
    tag: string,
    { epoch }: HousekeepingTerm,
    find: (rollout: Rollout & { from: Target }) => Promise<WayBack | undefined>,
  ): Promise<Look | undefined> {
    const { access, clock, rollouts, tracker } = this.#dependencies
    const known = rollouts.find(model, tag)
    if (known === null) return undefined
    const key = keyOf(model, tag)
    const rollout = this.#epochs.get(key) === epoch ? known : askAgain(known)
    this.#epochs.set(key, epoch)
    const now = clock.now()
    const bots = new StepBots(rollout)
    const judged = await judgeFleet(tracker.memory, rollout, access, now, bots)
    const advanced = this.#advance(rollout, { judged, bots }, now)
    const isBack = rollout.state !== 'reverting' && advanced.rollout.state === 'reverting'
    if (!isBack || !hasWayBack(rollout)) return { rollout, judged, advanced, wayBack: undefined }
    const wayBack = await find(rollout)
    if (wayBack === undefined) return undefined
    return { rollout, judged, advanced: this.#advance(rollout, { judged, bots }, now, wayBack.to), wayBack }
  }

  /** In a transaction, nobody waits for storage: what goes back by now, and did not before, is looked at once more after it. */
  #lookAgain({ rollout: before, wayBack }: Look, term: HousekeepingTerm): Promise<Look | undefined> {
    const { id, model, tag } = before
    return this.#look(model, tag, term, (rollout) => {
      if (wayBack === undefined || rollout.id !== id || rollout.tagMoved !== before.tagMoved) {
        this.noteChange(model)
        return Promise.resolve(undefined)
      }
      return Promise.resolve(wayBack)
    })
  }

  /** Whether it must be written down. */
  #isDue({ rollout, effects }: Advanced): boolean {
    return effects.length > 0 || this.#isSaveDue(rollout)
  }

  #advance(
    rollout: Rollout,
    { judged, bots }: { judged: readonly JudgedUnit[]; bots: StepBots },
    now: number,
    wayBack?: Target | null,
  ): Advanced {
    const { access, tracker } = this.#dependencies
    const units = judged.map(({ unit }) => unit)
    const listeningSince = Math.max(tracker.listeningSince, this.#pause.endedAt)
    return advanceRollout(
      rollout,
      {
        ...{ units, judged, bots, access, listeningSince, clockSetAt: this.#pause.endedAt },
        ...(wayBack === undefined ? {} : { wayBack }),
      },
      now,
    )
  }

  /** Where the deadline counts, its clock is written down now and then; the row of a soak that goes on stays as it is. */
  #isSaveDue(rollout: Rollout): boolean {
    if (rollout.state !== 'running') return false
    if (isImmediate(rollout) && rollout.policy.maxUpdating === null) return false
    const { id, model, tag, judgedAt, startedAt, waited } = rollout
    const last = this.#saved.get(keyOf(model, tag))
    const saved = last?.id === id ? last : { judgedAt: startedAt, waited: 0 }
    return waited !== saved.waited && Math.abs(judgedAt - saved.judgedAt) >= CLOCK_SAVED_EVERY
  }

  #noteSaved({ id, model, tag, judgedAt, waited }: Rollout): void {
    this.#saved.set(keyOf(model, tag), { id, judgedAt, waited })
  }

  #askProbes({ id, model, tag, policy }: Rollout, { probes }: RolloutConsequences): void {
    const { prober } = this.#dependencies
    const { signal } = this.#stopping
    const ask = async (unit: string, bot: string, target: Rollout['to']): Promise<void> => {
      const result =
        prober === undefined
          ? 'unreachable'
          : await prober.askProbe({ model, bot }, target, policy.probes, signal)
      if (!signal.aborted) await this.#noteAnswer({ id, model, tag }, unit, result)
    }
    for (const { unit, bot, target } of probes) {
      void ask(unit, bot, target).catch(this.#dependencies.onFailure)
    }
  }

  /** It is written down with what follows from it; a bot whose answer a crash forgets is asked again. */
  async #noteAnswer(
    { id, model, tag }: Pick<Rollout, 'id' | 'model' | 'tag'>,
    unit: string,
    result: ProbeResult,
  ): Promise<void> {
    const { rollouts, runner } = this.#dependencies
    await runner.exclusively(model, () => {
      const rollout = rollouts.find(model, tag)
      if (rollout?.id === id && probeOf(rollout, unit) === 'asked') {
        rollouts.put(noteProbe(rollout, unit, result))
        this.noteChange(model)
      }
      return Promise.resolve()
    })
  }
}
