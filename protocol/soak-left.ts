import type { RolloutSummary } from './rollout.ts'

/** The soak of the step that is under way. */
export interface SoakLeft {
  /** Which step soaks, from 1. */
  readonly step: number
  /** When it will have soaked long enough, in ISO 8601. */
  readonly until: string
  /** How long that still is; 0: only the next poll of each of its bots is waited for. */
  readonly seconds: number
}

/**
 * How long the step that is under way still soaks; undefined where it does not.
 *
 * @param now Milliseconds since 1970, by the clock of whoever reads it: where that is wrong, no more is said than a whole soak.
 */
export function soakLeft(
  { step, steps, policy }: Pick<RolloutSummary, 'step' | 'steps' | 'policy'>,
  now: number,
): SoakLeft | undefined {
  const until = steps[step]?.soakedUntil
  if (until == null) return undefined
  const left = Math.ceil((Date.parse(until) - now) / 1000)
  return { step: step + 1, until, seconds: Math.min(policy.soak, Math.max(0, left)) }
}
