import { randomBytes } from 'node:crypto'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import { asServer } from '../access/audit/actor.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import { DroppedCounts, type Dropped } from '../fleet/dropped-counts.ts'
import { EventNews } from '../events/event-news.ts'
import { CatalogFleetStore } from '../fleet/catalog-fleet-store.ts'
import type { FleetEvent } from '../fleet/fleet-event.ts'
import { FleetTracker } from '../fleet/fleet-tracker.ts'
import { countBots } from '../fleet/list-fleet.ts'
import { RefusedBots } from '../fleet/refused-bots.ts'
import { FleetMetrics } from '../http/operate/fleet-metrics.ts'
import { FleetView } from '../rollouts/fleet-view.ts'
import { LiveRollouts } from '../rollouts/live-rollouts.ts'
import { loadRollouts } from '../rollouts/load-rollouts.ts'
import type { AnswerPoll } from '../rollouts/poll-answer.ts'
import { PollSelection } from '../rollouts/poll-selection.ts'
import { RolloutControl } from '../rollouts/rollout-control.ts'
import { RolloutJudge } from '../rollouts/rollout-judge.ts'
import { RolloutOutcomes } from '../rollouts/rollout-outcomes.ts'
import { RolloutRunner } from '../rollouts/rollout-runner.ts'
import { SharedState } from '../rollouts/shared-state.ts'
import { shareFleet } from '../rollouts/share-fleet.ts'
import type { UpkeepDependencies } from '../upkeep/upkeep.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { composeProber } from './compose-prober.ts'
import type { ComposedTokens } from './compose-tokens.ts'
import { logAtMostEvery } from './log-at-most-every.ts'
import type { Surroundings } from './surroundings.ts'

/** A catalog that fails is tried again with every batch. */
const UNSAVED_WARNING_MILLISECONDS = 60_000

/** What polls say of bots, what they are answered, and what brings releases out on them. */
export interface ComposedFleet {
  tracker: FleetTracker
  /** What upkeep has done every few seconds. */
  keeper: UpkeepDependencies['fleet']
  rollouts: LiveRollouts
  /** What polls are answered. */
  select: AnswerPoll
  view: FleetView
  news: EventNews
  /** Brings out what is promoted, published and rolled back. */
  tagMover: RolloutRunner
  control: RolloutControl
  judge: RolloutJudge
  metrics: FleetMetrics
  /** What of polls was not kept. */
  dropped: DroppedCounts
  /** The bots that are refused for their tokens. */
  refusedBots: RefusedBots
  /** Tells what is concluded about processes from now on. */
  onConclusions(listener: (events: readonly FleetEvent[]) => void): void
  /** Takes in what other servers heard until now, as is done once a second. @throws what the catalog throws. */
  compare(): Promise<void>
  /** Begins to take in what other servers hear. */
  start(): void
  stop(): Promise<void>
  /** Has the catalog keep what was learned last. */
  close(): Promise<void>
}

/** Puts together what knows the bots, with what the catalog keeps of them. */
export async function composeFleet(
  { config, clock, logger, monotonic }: Surroundings,
  { catalog, current, released, isLost, isStale, reloadBy }: ComposedCatalog,
  { open }: Pick<ComposedTokens, 'open'>,
  housekeeping: Housekeeping,
): Promise<ComposedFleet> {
  const wasLost = isLost()
  const isShared = config.database !== undefined
  const warnOf = (event: string) => {
    const warn = logAtMostEvery(UNSAVED_WARNING_MILLISECONDS, (error) => {
      logger.warn({ err: error }, event)
    })
    return (error: unknown) => {
      if (!isLost()) warn(error)
    }
  }
  const dropped = new DroppedCounts(logDropped(logger))
  const outcomes = new RolloutOutcomes()
  const listeners: ((events: readonly FleetEvent[]) => void)[] = []
  const metrics = new FleetMetrics({
    countBots: () => countBots(tracker.memory),
    rolloutOutcomes: () => outcomes.all(),
    rolloutsUnderWay: () => rollouts.all(),
  })
  const tracker = new FleetTracker({
    ...{ store: new CatalogFleetStore(catalog), clock, monotonic, isReleased: released.has },
    ...{ maxProcesses: config.maxProcesses, keepDays: config.fleetDays },
    ...{ onFailure: warnOf('fleet_unsaved'), isShared },
    onDropped: (what, count, now) => {
      dropped.note(what, count, now)
    },
    onConclusion: (model, events) => {
      metrics.noteEvents(model, events)
      for (const listener of listeners) listener(events)
      judge.noteChange(model)
    },
  })
  // It begins when the first token for bots is made.
  const access = {
    get needsToken() {
      return !open.pulls
    },
  }
  const rollouts = new LiveRollouts()
  const news = new EventNews(catalog)
  const parts = {
    ...{ catalog, clock, monotonic, current, logger, tracker, rollouts, outcomes, access },
    ...{ index: released, probeHosts: config.probeHosts, prober: composeProber(config, logger) },
    ...{ housekeeping, isShared },
  }
  const locks = new KeyedMutex()
  const shared = isShared ? { locks, state: new SharedState(parts) } : undefined
  const runner = new RolloutRunner({ ...parts, random: randomBytes, shared })
  const judge = new RolloutJudge({ ...parts, runner, onFailure: warnOf('rollout_unsaved') })
  runner.onChange(asServer(judge.noteChange))
  reloadBy(runner.reload)
  if (!isLost()) {
    await shared?.state.begin(catalog)
    await tracker.restore()
    await loadRollouts(catalog, rollouts, tracker)
  }
  const areRolloutsUnknown = () => wasLost || isStale()
  const sharing =
    shared &&
    shareFleet({
      ...{ ...parts, ...shared, areRolloutsUnknown },
      onChange: asServer(judge.noteChange),
      onFailure: warnOf('fleet_unsaved'),
    })
  const keeper = sharing?.fleet ?? tracker
  // Polls are answered until the last download has ended.
  const closing = new AbortController()
  return {
    ...{ tracker, keeper, rollouts, metrics, dropped, news, judge, tagMover: runner },
    control: new RolloutControl({ ...parts, runner }),
    refusedBots: new RefusedBots(tracker.memory),
    select: sharing?.select ?? new PollSelection({ ...parts, areRolloutsUnknown }).select,
    view: new FleetView({
      ...{ memory: tracker.memory, rollouts, catalog, access, clock },
      ...{ releaseOf: released.numberOf, digestsOf: released.digestsOf },
      isUnknown: () => wasLost,
    }),
    onConclusions(listener) {
      listeners.push(listener)
    },
    async compare() {
      await sharing?.fleet.compare()
    },
    start() {
      if (!isLost()) void sharing?.fleet.follow(closing.signal)
    },
    async stop() {
      news.stop()
      await judge.stop()
    },
    async close() {
      closing.abort(new Error('The catalog is closed'))
      if (!isLost()) await keeper.save()
    },
  }
}

/** Says at most once a minute that something of what polls said is not kept, of each kind. */
function logDropped(logger: Surroundings['logger']): (what: Dropped, count: number) => void {
  const warnOf = (event: string) =>
    logAtMostEvery(UNSAVED_WARNING_MILLISECONDS, (count) => {
      logger.warn({ count }, event)
    })
  const warnings = { polls: warnOf('bots_untracked'), events: warnOf('events_dropped') }
  return (what, count) => {
    warnings[what](count)
  }
}
