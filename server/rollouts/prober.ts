import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { Target } from '../fleet/process-record.ts'
import type { ProbeResult } from './rollout.ts'

/** A bot that is to be asked. */
export interface ProbedBot {
  readonly model: string
  /** The name that stands for `{bot}`; it comes from polls. */
  readonly bot: string
}

/** Asks bots whether they answer rightly with what they loaded (docs/rollouts.md). */
export interface Prober {
  /**
   * Asks all questions: "three tries, 10 s each, no redirects". How many bots are asked at once is for the prober to limit.
   *
   * @param target What it runs.
   * @param signal Ends the asking; what is returned then does not matter.
   * @returns `failed` where an answer is wrong, `unreachable` where none came. It never rejects.
   */
  askProbe(
    bot: ProbedBot,
    target: Target,
    probes: RolloutPolicy['probes'],
    signal: AbortSignal,
  ): Promise<Exclude<ProbeResult, 'asked'>>
}
