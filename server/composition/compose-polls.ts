import type { AnswerPolls } from '../rollouts/poll-answer.ts'
import { PollSelection } from '../rollouts/poll-selection.ts'
import type { SharedModels } from '../rollouts/rollout-runner.ts'
import { shareFleet, type ShareFleetDependencies } from '../rollouts/share-fleet.ts'
import type { UpkeepDependencies } from '../upkeep/upkeep.ts'

/** What polls are answered, and what keeps what they say. */
export interface ComposedPolls {
  polls: AnswerPolls
  /** What upkeep has done every few seconds. */
  keeper: UpkeepDependencies['fleet']
  /** Takes in what other servers heard until now, as is done once a second. @throws what the catalog throws. */
  readonly compare: () => Promise<void>
  /** Takes in what other servers hear, until `signal` aborts. It never rejects. */
  readonly follow: (signal: AbortSignal) => Promise<void>
}

/**
 * Puts together what answers polls: from memory alone where this server is the only one, else together with the others.
 *
 * @param shared Undefined: it is the only one.
 */
export function composePolls(
  parts: Omit<ShareFleetDependencies, keyof SharedModels>,
  shared: SharedModels | undefined,
): ComposedPolls {
  if (shared === undefined) {
    const nothing = () => Promise.resolve()
    return {
      polls: new PollSelection(parts),
      keeper: parts.tracker,
      compare: nothing,
      follow: nothing,
    }
  }
  const { fleet, polls } = shareFleet({ ...parts, ...shared })
  return {
    polls,
    keeper: fleet,
    compare: () => fleet.compare(),
    follow: (signal) => fleet.follow(signal),
  }
}
