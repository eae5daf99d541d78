import { DomainError } from '../errors/errors.ts'
import { findRollbackTarget } from '../releases/roll-back-tag.ts'
import { LATEST } from '../releases/tag.ts'
import { SLIPWAY, type Advanced } from './effect.ts'
import type { RolloutChange } from './rollout-change.ts'
import { startRollout } from './start-rollout.ts'

/**
 * Takes `latest` back from a release that the bots of another tag just could not load: "`latest` goes back too"
 * (docs/rollouts.md). It was moved there by the publish, and whoever polls without a tag of people would be sent it.
 *
 * It goes where a rollback would lead, and stays where nothing is before it, where it points at another release, or where a rollout
 * brings it elsewhere.
 *
 * @param advanced What became of the rollout of that tag, and is written already.
 */
export async function takeLatestBack(change: RolloutChange, { rollout, effects }: Advanced): Promise<void> {
  const quarantine = effects.find((effect) => effect.kind === 'quarantine')
  if (quarantine === undefined || rollout.tag === LATEST) return
  const { digest } = quarantine.target
  const { catalog, model } = change
  const tagged = await catalog.findTag(model, LATEST)
  const underWay = change.find(LATEST)
  if (tagged === undefined || underWay?.state === 'reverting') return
  if ((underWay?.to.digest ?? tagged.digest) !== digest) return
  const number = await findWayBack(change)
  const to = number === undefined ? undefined : await catalog.findReleaseSummary(model, number)
  if (to === undefined || (await catalog.findQuarantine(model, to.digest)) !== undefined) return
  const reason = `taken back from "${rollout.tag}": ${quarantine.reason}`
  await startRollout(change, { tag: LATEST, to, by: SLIPWAY, reason, isRollback: true }, [])
}

async function findWayBack({ catalog, model }: RolloutChange): Promise<number | undefined> {
  try {
    return await findRollbackTarget(catalog, { model, tag: LATEST })
  } catch (error) {
    if (error instanceof DomainError && error.code === 'nothing-to-roll-back') return undefined
    throw error
  }
}
