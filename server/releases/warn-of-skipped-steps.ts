import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { CatalogReader } from '../catalog/catalog.ts'
import type { TagWarning } from './tag-warning.ts'
import { LATEST, type Tag } from './tag.ts'

/**
 * Warns of a rollback to a newer release: it takes no steps, and its sender may have meant to promote that release. Undefined where the policy of
 * the tag has none.
 *
 * @param tag As it is before; no steps lead to `latest`.
 * @param options.isDone Whether it was done, and not only thought about.
 */
export async function warnOfSkippedSteps(
  catalog: Pick<CatalogReader, 'listTagPolicies'>,
  { model, tag, release: from }: Pick<Tag, 'model' | 'tag' | 'release'>,
  to: number,
  { isDone }: { isDone: boolean },
): Promise<TagWarning | undefined> {
  if (to <= from || tag === LATEST) return undefined
  const policies = await catalog.listTagPolicies(model)
  const { steps, soak, probes } = policies.find((each) => each.tag === tag)?.policy ?? IMMEDIATE
  if (steps.length === 1 && soak === 0 && probes.length === 0) return undefined
  const where = `${model}@${tag}`
  const message =
    `${where}: release ${to} is newer than ${from}, and a rollback takes none of the steps, soak times and probes of the policy; ` +
    `to take them: ${isDone ? `slipway rollback ${where} ${from}, then ` : ''}slipway promote ${where} ${to}${isDone ? '' : ' instead'}`
  return { code: 'skips-steps', message }
}
