import { readableTime } from '../../protocol/readable-time.ts'
import type { FleetTrouble, RolloutUnderWay, TakenBack } from '../api/fleet-trouble.ts'

/** More of a kind are only counted. */
const MOST_TOLD = 5

/** What of bots and rollouts needs a person, or goes on by itself, a line each with the command that shows more; nothing where all is well. */
export function describeFleetTrouble(trouble: FleetTrouble): string[] {
  const { pausedRollouts, pausedTag, failing, lost, lastLostSeen } = trouble
  const rollout = pausedTag === null ? 'slipway rollout' : `slipway rollout ${pausedTag}`
  const last = lastLostSeen === null ? '' : `, the last one was heard ${readableTime(lastLostSeen)}`
  return [
    ...some(trouble.takenBack.map(describeTakenBack), 'releases were taken back within a day', 'releases'),
    ...some(trouble.underWay.map(describeUnderWay), 'rollouts are under way', 'rollout'),
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

function describeUnderWay({ model, tag, to, isReverting, isWaiting }: RolloutUnderWay): string {
  const where = `${model}@${tag}`
  if (isWaiting)
    return `waiting: the rollout of release ${to} to ${where} waits for you, or for its deadline: slipway rollout ${where}`
  const what = isReverting ? `is being taken back from ${where}` : `is on its way to ${where}`
  return `under way: release ${to} ${what}: slipway rollout ${where}`
}

function describeTakenBack({ model, release, at, reason }: TakenBack): string {
  return `taken back: release ${release} of ${model}, ${readableTime(at)}: ${reason}`
}

function some(lines: readonly string[], what: string, command: string): string[] {
  const more = lines.length - MOST_TOLD
  return more > 0 ? [...lines.slice(0, MOST_TOLD), `${more} more ${what}: slipway ${command}`] : [...lines]
}
