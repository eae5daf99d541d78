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

/** Whether a rollout ended with every step passed: nothing was said that a person should look at. */
export function isPassed(rollout: Pick<Rollout, 'state' | 'steps'> | null): boolean {
  return rollout?.state === 'done' && rollout.steps.every(({ state }) => state === 'passed')
}

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
  /** Time passed: what the ticker of a server does every few seconds. */
  tick(now: number): Soon<void>
  /** Stops and starts anew: connections break without anybody noting it, what is stored stays. */
  restart(now: number): Soon<void>
  /** Promotes {@link next}. */
  promote(policy: RolloutPolicy, now: number): Soon<void>
  /** Lets go of everything. */
  close(): Soon<void>
  /** The rollout under way, or the last one that ended. */
  readonly rollout: Rollout | null
  readonly tagAt: Target
  readonly isQuarantined: boolean
  /** What the server says of a process; undefined where it does not know it. */
  describe(process: string): ProcessRecord | undefined
  /** What its API says that each process runs: digests by name; null for what has loaded nothing. */
  listRunning(): Soon<ReadonlyMap<string, string | null>>
  /** Whether the process belongs to a bot that counts as evidence for the rollout. */
  countsAsEvidence(process: string): boolean
  /** The unit that a process belongs to; undefined where it is not known. */
  unitOf(process: string): string | undefined
}
