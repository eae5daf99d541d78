import { DomainError } from '../errors/errors.ts'
import { changed } from './begin-rollout.ts'
import { markStep } from './end-step.ts'
import type { RolloutChange } from './rollout-change.ts'
import { holdsBots, isImmediate, type Rollout } from './rollout.ts'

/** @throws DomainError `rollout-under-way` where a rollout of the tag holds bots back or brings them back. */
export function refuseDuringRollout(change: RolloutChange, tag: string): void {
  const rollout = change.find(tag)
  if (rollout === null || !holdsBots(rollout) || isWithoutBots(change, rollout)) return
  const { model } = change
  throw new DomainError(
    'rollout-under-way',
    `Rollout ${rollout.id} of "${model}@${tag}" is ${rollout.state}; wait until it has ended, or abort it first.`,
    { model, tag, rollout: rollout.id },
  )
}

/**
 * Deletes a tag with its policy, and ends its rollout.
 *
 * @throws DomainError `tag-not-found`, `rollout-under-way`
 */
export async function deleteTagAndRollout(change: RolloutChange, tag: string, by: string): Promise<void> {
  refuseDuringRollout(change, tag)
  const rollout = change.find(tag)
  if (rollout !== null) await end(change, { ...rollout, state: 'aborted', reason: `${by} deleted the tag` })
  await change.moveTag(tag, null, { by, reason: 'deleted' })
  change.forgetPolicy(tag)
}

/**
 * Sees to it that no rollout needs a release that is about to be deleted.
 *
 * @param number Of a release that no tag points at.
 * @throws DomainError `release-in-use` where a rollout brings it out, or may go back to it.
 */
export async function giveUpRelease(
  change: RolloutChange,
  rollouts: readonly Rollout[],
  number: number,
): Promise<void> {
  const { model } = change
  for (const rollout of rollouts) {
    const { from, to, tag, id } = rollout
    if (from?.release !== number && to.release !== number) continue
    if (isWithoutBots(change, rollout)) {
      const state = rollout.state === 'reverting' ? (rollout.goal ?? 'reverted') : 'done'
      const marked = state === 'done' ? markStep(rollout, 'inconclusive', change.now) : rollout
      await end(change, {
        ...marked,
        state,
        reason: `release ${number} was deleted, and no bot was heard of`,
      })
      continue
    }
    throw new DomainError(
      'release-in-use',
      `Release ${number} of "${model}" is needed by rollout ${id} of "${tag}", from ${from?.release ?? 'nothing'} to ${to.release}; ` +
        'wait until it has ended, or abort it first.',
      { model, number, tags: tag },
    )
  }
}

/** Whether nobody was ever heard of who would have to be brought back, or has to come back. */
function isWithoutBots(change: RolloutChange, rollout: Rollout): boolean {
  const isOpen = rollout.state === 'reverting' || (rollout.state === 'running' && isImmediate(rollout))
  return isOpen && change.units(rollout.tag).length === 0
}

async function end(change: RolloutChange, rollout: Rollout): Promise<void> {
  const ended: Rollout = { ...rollout, endedAt: change.now }
  await change.apply({ rollout: ended, effects: [changed(ended)] })
}
