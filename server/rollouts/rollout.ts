import type { Amount, RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'

/** The states of a rollout; the last four have ended. */
export const ROLLOUT_STATES = [
  'running',
  'paused',
  'reverting',
  'done',
  'reverted',
  'aborted',
  'replaced',
] as const

/** @see ROLLOUT_STATES */
export type RolloutState = (typeof ROLLOUT_STATES)[number]

/** One step of a rollout. Its bots are frozen when it begins. */
export interface Step {
  readonly target: Amount
  readonly state: 'waiting' | 'running' | 'passed' | 'failed' | 'inconclusive'
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** The units of the step, in the order in which they were chosen; those of the step before come first. */
  readonly members: readonly string[]
  /** Those of them whose failures prove nothing, see `doubtfulMembers`; missing where there is none. */
  readonly doubtful?: readonly string[]
  /** Those that a person passed over in a step before, see `excludedBots`; missing where there is none. */
  readonly excluded?: ExcludedBots
  /** It is for all bots of the tag, whichever come, and names none of them. */
  readonly isForAll?: true
}

/** Names of units, by what they had come to when a person passed them over. */
export interface ExcludedBots {
  /** Lost after they were offered the release. One lost before that is of no step anyway. */
  readonly lost: readonly string[]
  /** Left alone after failed loads. */
  readonly loads: readonly string[]
  /** They ran the release, and answered a probe wrongly or not at all. */
  readonly probes: readonly string[]
}

/** The bots of a step that a person passed over, also those that show something else by now. */
export function excludedNames(step: Pick<Step, 'excluded'> | undefined): string[] {
  if (step?.excluded === undefined) return []
  const { lost, loads, probes } = step.excluded
  return [...new Set([...lost, ...loads, ...probes])]
}

/** Measures the soak, so that setting the clock neither shortens nor stretches it. */
export interface SoakClock {
  /** Milliseconds. */
  readonly soaked: number
  /** Stands for when each bot of the step loaded the release: another one begins the soak anew. */
  readonly mark: number
}

/** How a promotion reaches the bots of a tag: plain data that fits a row of the catalog. */
export interface Rollout {
  readonly id: string
  readonly model: string
  readonly tag: string
  /** What bots go back to if it comes to nothing; null: nothing was there before. */
  readonly from: Target | null
  readonly to: Target
  /** It brings bots back from `from`, which somebody, or a revert, rejected. Missing where it does not, and in those that an older server began. */
  readonly isRollback?: true
  /** Drawn when it began, and never told: decides which bots come first. Missing in those that an older server began. */
  readonly order?: string
  readonly policy: RolloutPolicy
  readonly state: RolloutState
  /** What `from` was before its archive was found damaged or missing; missing where it is as it was. */
  readonly fromBefore?: Target
  /** Which step is under way, from 0. */
  readonly step: number
  readonly steps: readonly Step[]
  /** What `reverting` ends as. */
  readonly goal: 'reverted' | 'aborted' | null
  /** Whether the tag points at `to`. */
  readonly tagMoved: boolean
  /** Whether a revert goes without `maxUpdating` and `drain` (`--now`). */
  readonly hasty: boolean
  /** Milliseconds of judging in which no further bot of the step loaded the release; soak and pauses left out, but for soaks that were broken off. */
  readonly waited: number
  /** The most bots of the step that ran the release at once: more of them is progress. */
  readonly mostUpdated: number
  /** How long the bots of the step have gone on running the release; missing while one of them does not. */
  readonly soak?: SoakClock
  /** When it was judged last; milliseconds since 1970, as all times here. */
  readonly judgedAt: number
  /** What was learned of each unit that was probed. */
  readonly probes: Readonly<Record<string, ProbeResult>>
  /** Since when failed loads of the release count: its start, or when somebody had it tried again. */
  readonly failuresSince: number
  readonly startedAt: number
  readonly startedBy: string
  /** Why it was begun, in the words of who did; null: nobody said; missing in those that an older server began. */
  readonly startReason?: string | null
  readonly endedAt: number | null
  /** How far its bots were when it ended; missing before. */
  readonly endCounts?: RolloutCounts
  /** Why it is where it is, in one sentence with its evidence; null: nothing to say. */
  readonly reason: string | null
}

/** What a bot answered: as wanted, otherwise, or not at all; `asked` while it has not yet. */
export type ProbeResult = 'asked' | 'passed' | 'failed' | 'unreachable'

/** What was learned by asking a unit; undefined: it was not asked. A bot may be called `constructor`. */
export function probeOf({ probes }: Pick<Rollout, 'probes'>, unit: string): ProbeResult | undefined {
  return Object.hasOwn(probes, unit) ? probes[unit] : undefined
}

/** How far the bots of a rollout are: each that counts as evidence in one of them. */
export interface RolloutCounts {
  readonly bots: number
  readonly updated: number
  readonly loading: number
  readonly failing: number
  readonly waiting: number
  readonly lost: number
}

/** Whether a rollout has ended. */
export function hasEnded({ state }: Pick<Rollout, 'state'>): boolean {
  return state === 'done' || state === 'reverted' || state === 'aborted' || state === 'replaced'
}

/** Whether the last step has begun: everybody gets the new release then. */
export function isLastStep({ step, steps }: Pick<Rollout, 'step' | 'steps'>): boolean {
  return step >= steps.length - 1
}

interface ImmediateTerms {
  readonly steps: readonly unknown[]
  readonly policy: RolloutPolicy
}

/** "`immediate`, the default, is a rollout with the one step 100%" (docs/rollouts.md), with nothing to wait for. */
export function isImmediate({ steps, policy }: ImmediateTerms): boolean {
  return steps.length === 1 && policy.soak === 0 && policy.probes.length === 0
}

/** Whether the names of its bots matter to nobody: it holds none of them back, and none takes another's place. */
export function isForAll(rollout: ImmediateTerms): boolean {
  return isImmediate(rollout) && rollout.policy.maxUpdating === null
}

/**
 * Whether bots would be left between two releases if a rollout came to nothing now: it holds some back, or brings some
 * back, or waits for a person. An `immediate` one that goes well does neither.
 */
export function holdsBots(rollout: Rollout): boolean {
  return !isImmediate(rollout) || rollout.state !== 'running' || rollout.policy.maxUpdating !== null
}

/** Whether there is something else to go back to: a release may have the bytes of an earlier one, published once more. */
export function hasWayBack(rollout: Rollout): rollout is Rollout & { readonly from: Target } {
  return rollout.from !== null && rollout.from.digest !== rollout.to.digest
}

/** The release that every bot of the tag is meant to run; undefined while it depends on the bot. */
export function releaseForAll(rollout: Rollout): Target | null | undefined {
  if (rollout.state === 'reverting') return rollout.from
  if (rollout.state !== 'running' && rollout.state !== 'paused') return undefined
  return isLastStep(rollout) ? rollout.to : undefined
}
