import type { RolloutUnderWay } from './end-of-rollout.ts'
import type { TagWarning } from './tag-warning.ts'

/**
 * Warns that a promotion changes nothing as its rollout is paused: whoever sent it may think that the release is on its way. Undefined where it is.
 *
 * @param underWay The rollout of the tag; undefined: none.
 * @param release What was promoted or published.
 */
export function warnOfPause(underWay: RolloutUnderWay | undefined, release: number): TagWarning | undefined {
  if (underWay?.state !== 'paused' || underWay.to.release !== release) return undefined
  const where = `${underWay.model}@${underWay.tag}`
  const why = underWay.reason === null ? '' : ` (${underWay.reason})`
  const starting = underWay.tagMoved ? ', but for those that start anew' : ''
  const message = `${where}: the rollout of release ${release} is paused and stays so: no further bot gets it${starting}, until somebody has it go on (slipway rollout ${where})${why}`
  return { code: 'rollout-paused', message }
}
