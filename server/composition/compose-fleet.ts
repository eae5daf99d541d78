import { asServer } from '../access/audit/actor.ts'
import { FollowedDatabase } from '../coordination/followed-database.ts'
import type { Housekeeping } from '../coordination/housekeeping.ts'
import { EventNews } from '../events/event-news.ts'
import type { DroppedCounts } from '../fleet/dropped-counts.ts'
import type { FleetTracker } from '../fleet/fleet-tracker.ts'
import { countBots } from '../fleet/list-fleet.ts'
import { RefusedBots } from '../fleet/refused-bots.ts'
import { FleetMetrics } from '../http/operate/fleet-metrics.ts'
import { FleetView } from '../rollouts/fleet-view.ts'
import type { LiveRollouts } from '../rollouts/live-rollouts.ts'
import { loadRollouts } from '../rollouts/load-rollouts.ts'
import { releaseNumbers } from '../rollouts/release-numbers.ts'
import type { RolloutControl } from '../rollouts/rollout-control.ts'
import type { RolloutJudge } from '../rollouts/rollout-judge.ts'
import type { RolloutRunner } from '../rollouts/rollout-runner.ts'
import type { BallastCatalogs } from './compose-ballast.ts'
import type { ComposedBlobs } from './compose-blobs.ts'
import type { ComposedCatalog } from './compose-catalog.ts'
import { composePolls, type ComposedPolls } from './compose-polls.ts'
import { composeRollouts } from './compose-rollouts.ts'
import type { ComposedTokens } from './compose-tokens.ts'
import { composeTracker, type ComposedTracker } from './compose-tracker.ts'
import { logCatalogFailures } from './logging/log-catalog-failures.ts'
import type { Surroundings } from './surroundings.ts'

/** What polls say of bots, what they are answered, and what brings releases out on them. */
export interface ComposedFleet
  extends Pick<ComposedTracker, 'onConclusions'>, Pick<ComposedPolls, 'polls' | 'keeper' | 'compare'> {
  tracker: FleetTracker
  rollouts: LiveRollouts
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
  /** Begins to take in what other servers hear. */
  start(): void
  stop(): Promise<void>
  /** Has the catalog keep what was learned last. */
  close(): Promise<void>
}

/** Puts together what knows the bots, with what the catalog keeps of them. */
export async function composeFleet(
  surroundings: Surroundings,
  opened: ComposedCatalog & BallastCatalogs,
  archives: Pick<ComposedBlobs, 'blobs' | 'damaged'>,
  { open }: Pick<ComposedTokens, 'open'>,
  housekeeping: Housekeeping,
): Promise<ComposedFleet> {
  const { clock, logger } = surroundings
  const { catalog, deferrableCatalog, current, database, released, isLost, isStale, reloadBy } = opened
  const wasLost = isLost()
  // It begins when the first token for bots is made.
  const access = {
    get needsToken() {
      return !open.pulls
    },
  }
  const { tracker, dropped, onConclusions } = composeTracker(surroundings, {
    ...opened,
    catalog: deferrableCatalog,
  })
  const { rollouts, outcomes, runner, judge, control, shared } = composeRollouts(
    surroundings,
    opened,
    archives,
    { tracker, access, housekeeping },
  )
  reloadBy(runner.reload)
  const metrics = new FleetMetrics({
    countBots: () => countBots(tracker.memory),
    rolloutOutcomes: () => outcomes.all(),
    rolloutsUnderWay: () => rollouts.all(),
  })
  onConclusions((events, model) => {
    metrics.noteEvents(model, events)
    judge.noteChange(model)
  })
  if (!isLost()) {
    // First how far the catalog is: what others change meanwhile is then read once more.
    await shared?.state.begin(catalog)
    await tracker.restore()
    await loadRollouts(catalog, rollouts, tracker)
  }
  const { polls, keeper, compare, follow } = composePolls(
    {
      catalog,
      tracker,
      rollouts,
      current,
      index: released,
      access,
      housekeeping,
      followed: new FollowedDatabase(database()),
      areRolloutsUnknown: () => wasLost || isStale(),
      onChange: asServer(judge.noteChange),
      onFailure: logCatalogFailures(logger, isLost, 'fleet_unsaved'),
    },
    shared,
  )
  const news = new EventNews(catalog)
  // Polls are answered until the last download has ended.
  const closing = new AbortController()
  return {
    tracker,
    dropped,
    onConclusions,
    rollouts,
    judge,
    control,
    tagMover: runner,
    metrics,
    polls,
    keeper,
    compare,
    news,
    refusedBots: new RefusedBots(tracker.memory),
    view: new FleetView({
      memory: tracker.memory,
      rollouts,
      catalog,
      access,
      clock,
      releaseOf: releaseNumbers({ index: released, current, rollouts }),
      digestsOf: released.digestsOf,
      isUnknown: () => wasLost,
    }),
    start() {
      if (!isLost()) void follow(closing.signal)
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
