import type { ReleaseNumberOf } from '../fleet/describe-bot.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { ReleaseIndex } from '../releases/release-index.ts'
import type { Digest } from '../releases/release.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import type { Rollout } from './rollout.ts'

/** What says which of several releases with the same bytes is meant. */
export interface ReleaseNumberSources {
  readonly index: Pick<ReleaseIndex, 'numberOf'>
  readonly current: Pick<CurrentReleases, 'find'>
  readonly rollouts: Pick<LiveRollouts, 'find'>
}

/**
 * Says by which number people are told of what a bot runs. A bot shows its bytes only, and several releases may have the same: it runs
 * the one that its tag leads it to. Else a rollback to release 2, whose bytes were published once more as 5, looks as if it had failed.
 */
export function releaseNumbers({ index, current, rollouts }: ReleaseNumberSources): ReleaseNumberOf {
  return (model, digest, tag) => {
    if (tag === undefined) return index.numberOf(model, digest)
    const led = numberIn(rollouts.find(model, tag), digest)
    if (led !== undefined) return led
    const tagged = current.find(model, tag)
    return tagged?.digest === digest ? tagged.number : index.numberOf(model, digest)
  }
}

/** Which of the two releases of a rollout has these bytes: first the one that it brings bots to now. */
function numberIn(rollout: Rollout | null, digest: Digest): number | undefined {
  if (rollout === null) return undefined
  const { from, to, state } = rollout
  const targets = state === 'reverting' ? [from, to] : [to, from]
  return targets.find((target) => target?.digest === digest)?.release
}
