import type { Rollout } from './rollout.ts'

/** Whoever was asked by a server that has ended, and did not answer, is asked again. */
export function askAgain(rollout: Rollout): Rollout {
  const answered = Object.entries(rollout.probes).filter(([, result]) => result !== 'asked')
  if (answered.length === Object.keys(rollout.probes).length) return rollout
  return { ...rollout, probes: Object.fromEntries(answered) }
}
