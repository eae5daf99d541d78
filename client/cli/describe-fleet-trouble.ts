import { readableTime } from '../../protocol/readable-time.ts'
import type { FleetTrouble } from '../api/fleet-trouble.ts'

/** What of bots and rollouts needs a person, a line each with the command that shows more; nothing where all is well. */
export function describeFleetTrouble(trouble: FleetTrouble): string[] {
  const { pausedRollouts, pausedTag, failing, lost, lastLostSeen } = trouble
  const rollout = pausedTag === null ? 'slipway rollout' : `slipway rollout ${pausedTag}`
  const last = lastLostSeen === null ? '' : `, the last one was heard ${readableTime(lastLostSeen)}`
  return [
    ...(pausedRollouts === 0
      ? []
      : [
          `paused: ${pausedRollouts === 1 ? '1 rollout waits' : `${pausedRollouts} rollouts wait`} for you: ${rollout}`,
        ]),
    ...(failing === 0
      ? []
      : [`failing: ${bots(failing)} could not load a release: slipway bots --state failing`]),
    ...(lost === 0
      ? []
      : [`lost: ${bots(lost)} ${lost === 1 ? 'is' : 'are'} silent${last}: slipway bots --state lost`]),
  ]
}

function bots(count: number): string {
  return count === 1 ? '1 bot' : `${count} bots`
}
