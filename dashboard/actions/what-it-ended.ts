import type { MovedTag } from '../../protocol/tag.ts'

/** What moving a tag did to the rollout that was under way; empty where there was none. @param answer A moved tag, as the server answers. */
export function whatItEnded(answer: unknown): string {
  const { aborted, replaced } = answer as MovedTag
  if (aborted !== undefined) return ` The rollout of release ${aborted} was aborted.`
  return replaced === undefined
    ? ''
    : ` The rollout of release ${replaced}, which had not ended, was replaced.`
}
