import { jsonLine } from '../../protocol/shown-text.ts'
import type { KnownMovedTag } from '../api/known-schemas.ts'
import type { PolicyFields } from '../../protocol/rollout-policy.ts'
import { print } from './print.ts'
import { printWarnings } from './print-warnings.ts'

/** How a tag was moved. */
interface Move {
  json: boolean
  /** What this promotion had of its own. */
  policy?: PolicyFields | undefined
  isRollback?: boolean
}

/** Prints where a tag points after it was promoted or rolled back, and what goes on by itself from there. */
export function printMovedTag(moved: KnownMovedTag, { json, policy = {}, isRollback = false }: Move): void {
  const { model, tag, release, from, aborted, replaced, rollout, warnings } = moved
  printWarnings(warnings)
  if (json) {
    print(jsonLine(moved))
    return
  }
  print(
    from == null || from === release
      ? `${model}@${tag} is release ${release}${from === null ? ' (a new tag)' : ''}`
      : `${model}@${tag}: release ${from} → ${release}`,
  )
  if (rollout != null) printRollout(moved, rollout, { ...moved.policy, ...policy }, isRollback)
  if (aborted !== undefined)
    print(`note: this aborted the rollout of release ${aborted}, which had not ended`)
  if (replaced !== undefined)
    print(`note: this replaced the rollout of release ${replaced}, which had not ended`)
}

function printRollout(
  { model, tag, release }: KnownMovedTag,
  { to, state }: NonNullable<KnownMovedTag['rollout']>,
  { maxUpdating = null }: PolicyFields,
  isRollback: boolean,
): void {
  if (state === 'paused') print(`the rollout of release ${to} is paused: slipway rollout ${model}@${tag}`)
  else if (state === 'reverting') print(`release ${to} is being taken back: slipway rollout ${model}@${tag}`)
  else if (to !== release || maxUpdating !== null)
    print(
      `release ${to} is being ${isRollback ? 'brought back' : 'rolled out'}: slipway rollout ${model}@${tag}`,
    )
}
