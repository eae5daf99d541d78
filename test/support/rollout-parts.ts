import { randomBytes } from 'node:crypto'
import { pino, type Logger } from 'pino'
import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import type { FollowedDatabase } from '../../server/coordination/followed-database.ts'
import { SoleHousekeeper, type Housekeeping } from '../../server/coordination/housekeeping.ts'
import { CatalogFleetStore } from '../../server/fleet/catalog-fleet-store.ts'
import { FleetTracker } from '../../server/fleet/fleet-tracker.ts'
import type { CanBeSent } from '../../server/releases/can-be-sent.ts'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { ReleaseIndex } from '../../server/releases/release-index.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { PollSelection } from '../../server/rollouts/poll-selection.ts'
import type { AnswerPolls, PollAnswer } from '../../server/rollouts/poll-answer.ts'
import type { Prober } from '../../server/rollouts/prober.ts'
import { RolloutControl } from '../../server/rollouts/rollout-control.ts'
import { RolloutJudge } from '../../server/rollouts/rollout-judge.ts'
import { RolloutOutcomes } from '../../server/rollouts/rollout-outcomes.ts'
import { RolloutRunner } from '../../server/rollouts/rollout-runner.ts'
import { SharedState } from '../../server/rollouts/shared-state.ts'
import { shareFleet } from '../../server/rollouts/share-fleet.ts'
import type { Clock } from '../../server/time/clock.ts'
import { aClock } from './manual-clock.ts'
import { afterThisTest } from './temporary-directory.ts'
import { throwUnlessTestHasEnded } from './throw-unless-test-has-ended.ts'

/** What rollout parts may differ in. */
export interface RolloutPartsOptions {
  clock?: Clock
  current?: CurrentReleases
  tracker?: FleetTracker
  probeHosts?: readonly string[]
  prober?: Prober
  random?: (bytes: number) => Buffer
  logger?: Logger
  /** By default every archive is sound. */
  canBeSent?: CanBeSent
  /** Told of writes that failed; thrown by default. */
  onFailure?: (error: unknown) => void
  monotonic?: () => number
  /** By default this server judges. */
  housekeeping?: Housekeeping
  /** Whether it is one of several servers over the catalog. */
  isShared?: boolean
  /** Tells which database several servers are over. */
  followed?: FollowedDatabase
}

/** What brings releases out, over a catalog: the parts that the server puts together, but without its ticks. */
export function rolloutParts(catalog: Catalog, options: RolloutPartsOptions = {}) {
  const onFailure = options.onFailure ?? throwUnlessTestHasEnded
  const clock = options.clock ?? aClock()
  const { logger = pino({ level: 'silent' }), prober, monotonic = () => clock.now() } = options
  const { housekeeping = new SoleHousekeeper(), isShared = false } = options
  const { canBeSent = () => Promise.resolve(true) } = options
  const tracker =
    options.tracker ??
    new FleetTracker({
      store: new CatalogFleetStore(catalog),
      clock,
      isReleased: () => true,
      maxProcesses: 1_000,
      keepDays: 30,
      onFailure,
      monotonic,
      isShared,
      onConclusion: (model) => {
        judge.noteChange(model)
      },
    })
  const parts = {
    catalog,
    clock,
    tracker,
    rollouts: new LiveRollouts(),
    outcomes: new RolloutOutcomes(),
    current: options.current ?? new CurrentReleases(),
    index: new ReleaseIndex(),
    access: { needsToken: false },
    probeHosts: options.probeHosts ?? [],
    housekeeping,
    isShared,
    ...(options.followed === undefined ? {} : { followed: options.followed }),
  }
  const locks = new KeyedMutex()
  const shared = isShared ? { locks, state: new SharedState(parts) } : undefined
  const runner = new RolloutRunner({ ...parts, random: options.random ?? randomBytes, shared })
  const judge = new RolloutJudge({ ...parts, runner, logger, prober, onFailure, monotonic, canBeSent })
  // Not waited for: what it waits for may never come.
  afterThisTest(() => {
    void judge.stop()
  })
  const control = new RolloutControl({ ...parts, runner, canBeSent })
  const sharing = shared && shareFleet({ ...parts, ...shared, onChange: judge.noteChange, onFailure })
  const polls = new PollSelection(parts)
  const fleet = sharing?.fleet
  return {
    ...parts,
    runner,
    judge,
    control,
    /** What a poll is answered where this server is the only one. */
    answer: answerWith(polls),
    shared,
    fleet,
    /** What a poll is answered, also where other servers share the catalog. */
    select: answerWith(sharing?.polls ?? polls),
  }
}

/** As the path of a poll asks. */
function answerWith<Answer>(
  polls: Pick<AnswerPolls, 'answerRepeat'> & { select(...poll: Poll): Answer },
): (...poll: Poll) => PollAnswer | Answer {
  return (...poll) => polls.answerRepeat(...poll) ?? polls.select(...poll)
}

type Poll = Parameters<AnswerPolls['select']>
