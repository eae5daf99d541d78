import type { Tag } from './tag.ts'
import type { TagWarning } from './tag-warning.ts'

/**
 * Warns where a promotion with steps begins while the release before it is still on its way: "what is stable stays stable"
 * (docs/rollouts.md), and the bots that run that one already go back until the last step.
 *
 * @param left What the tag pointed at, and does no more.
 * @param stable What it points at until the last step.
 */
export function warnOfWayBack(
  { model, tag }: { model: string; tag: string },
  left: number,
  stable: number,
  to: number,
): TagWarning {
  return {
    code: 'goes-back',
    message:
      `${model}@${tag}: not all bots were seen running release ${left}: those that run it go back to release ${stable} until the last step of the rollout ` +
      `of release ${to}`,
  }
}

/** The same of a rollout to release `to` that has just begun. @returns undefined where the tag stays where it was. */
export function warnOfBegunWayBack(before: Tag | undefined, now: Tag, to: number): TagWarning | undefined {
  if (before === undefined || before.release === now.release) return undefined
  return warnOfWayBack(now, before.release, now.release, to)
}
