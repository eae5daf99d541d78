import type { CatalogReader } from '../catalog/catalog.ts'
import type { RequestedMove } from './tag-mover.ts'

/** What a move of a tag made of the rollout that was under way. */
export interface EndOfRollout {
  /** The release whose rollout it aborted; undefined where there was none. */
  aborted?: number
  /** The release whose rollout ended with it though somebody may be waiting for it ({@link isWatched}); undefined where there was none. */
  replaced?: number
}

/** The rollout of a tag that has not ended, as the catalog has it. */
export type RolloutUnderWay = NonNullable<Awaited<ReturnType<CatalogReader['findRolloutUnderWay']>>>

/** What a move to `release` has become of the rollout that was under way. */
export function endOf(underWay: RolloutUnderWay, release: number, kind: RequestedMove['kind']): EndOfRollout {
  // To what it came from: it is aborted, unless it went there already.
  if (underWay.from?.release === release)
    return underWay.state === 'reverting' ? {} : { aborted: underWay.to.release }
  // A rollback to where one leads is the same, only in haste.
  if (
    underWay.to.release === release &&
    kind === 'rollback' &&
    underWay.state === 'running' &&
    underWay.tagMoved
  )
    return {}
  return isWatched(underWay) ? { replaced: underWay.to.release } : {}
}

/** Whether somebody may be waiting for what a rollout comes to: it does not bring its release to all bots at once, is paused, or brings bots back. */
function isWatched({ state, tagMoved, policy: { soak, probes, maxUpdating } }: RolloutUnderWay): boolean {
  return !tagMoved || state !== 'running' || soak > 0 || probes.length > 0 || maxUpdating !== null
}
