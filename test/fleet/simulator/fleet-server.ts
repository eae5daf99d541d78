import type { RolloutPolicy } from '../../../protocol/rollout-policy.ts'
import type { Hint } from '../../../server/fleet/hint.ts'
import type { ProcessRecord, Source, Target } from '../../../server/fleet/process-record.ts'
import type { Rollout } from '../../../server/rollouts/rollout.ts'

/** A poll as it reaches the server. */
export interface SimulatedPoll {
  readonly process: string
  readonly source: Source
  /** The digest of the entity tag that it carries; null: the bare name. */
  readonly digest: string | null
  readonly hints: readonly Hint[]
}

/** What comes back. An offer's bytes are `stream`: what becomes of them is told by that name. */
export type SimulatedAnswer =
  | { readonly status: 200; readonly target: Target; readonly stream: string }
  | { readonly status: 204 | 304 | 404 }
  /** Nobody answered it, or somebody who cannot say anything now; why, where that is to be expected. */
  | { readonly status: 503; readonly excuse: string | undefined }

/** Whether a rollout ended with every step passed: nothing was said that a person should look at. */
export function isPassed(rollout: Pick<Rollout, 'state' | 'steps'> | null): boolean {
  return rollout?.state === 'done' && rollout.steps.every(({ state }) => state === 'passed')
}

/** What may happen to one of several servers for a while. */
export type Disturbance = 'is cut off' | 'fails to commit' | 'sleeps'

/** What is done now, or later: a real server reads files and writes to its catalog. */
type Soon<Value> = Value | Promise<Value>

/** What the simulator drives: the pure core, or a whole server. Its clock shows `now`. */
export interface FleetServer {
  /** What the fleet runs at first. */
  readonly old: Target
  /** What is promoted then. */
  readonly next: Target
  poll(poll: SimulatedPoll, now: number): Soon<SimulatedAnswer>
  sent(process: string, stream: string, now: number): Soon<void>
  cut(process: string, stream: string, now: number): Soon<void>
  /** Seconds between two times that {@link tick} is to be called. */
  readonly tickSeconds: number
  /** Time passed: what the ticker of a server does every few seconds. */
  tick(now: number): Soon<void>
  /**
   * Stops and starts anew: connections break without anybody noting it, what is stored stays.
   *
   * @returns Whether an offer's connection was among them.
   */
  restart(now: number): Soon<(stream: string) => boolean>
  /** Has something happen to one of several servers for so many milliseconds; nothing, where that would leave none. */
  disturb?(what: Disturbance, now: number, milliseconds: number): Soon<void>
  /** Promotes {@link next}. */
  promote(policy: RolloutPolicy, now: number): Soon<void>
  /** Lets go of everything. */
  close(): Soon<void>
  /** The rollout under way, or the last one that ended. */
  readonly rollout: Rollout | null
  readonly tagAt: Target
  readonly isQuarantined: boolean
  /**
   * What is said of a process by the server that answered it last; undefined where that does not know it.
   *
   * @param asking As for {@link countsAsEvidence}.
   */
  describe(process: string, asking?: string): ProcessRecord | undefined
  /** The same of each server that had nothing in its way for ten seconds. */
  describeEverywhere(process: string): readonly (ProcessRecord | undefined)[]
  /** Whether the last poll of a process was answered by a server that can tell others of it. */
  isKnown(process: string): boolean
  /** What the API of each server says that each process runs, at the end: digests by name; null for what has loaded nothing. */
  listRunning(): Soon<readonly ReadonlyMap<string, string | null>[]>
  /** Where several servers say different things of the rollout and its tag, at the end. */
  listDisagreements(): Soon<readonly string[]>
  /**
   * Whether the process belongs to a bot that counts as evidence for the rollout.
   *
   * @param asking Of which process the last poll was answered by the server that says so; the same unless said.
   */
  countsAsEvidence(process: string, asking?: string): boolean
  /** The unit that a process belongs to; undefined where it is not known. @param asking As for {@link countsAsEvidence}. */
  unitOf(process: string, asking?: string): string | undefined
  /** How often bots that start were given something while the database did not answer, which is allowed: no other server can count them. */
  readonly unrecorded?: number
}
