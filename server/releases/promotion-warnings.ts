import type { CatalogReader } from '../catalog/catalog.ts'
import { isThereAlready } from './is-there-already.ts'
import { warnOfOlderRasa, type TagWarning } from './warn-of-older-rasa.ts'

/**
 * What somebody should look at before a tag moves: what the promotion would warn of, or be refused for.
 *
 * @param move `namesNone`: see `RequestedMove`.
 */
export async function promotionWarnings(
  catalog: CatalogReader,
  {
    model,
    tag,
    release,
    namesNone = false,
  }: { model: string; tag: string; release: number; namesNone?: boolean },
): Promise<TagWarning[]> {
  const to = await catalog.findReleaseSummary(model, release)
  if (to === undefined) return []
  const there = await catalog.findTag(model, tag)
  if (await isThereAlready(catalog, there, release)) return []
  const from = there && (await catalog.findReleaseSummary(model, there.release))
  const older = warnOfOlderRasa(tag, from, to)
  const quarantine = namesNone ? undefined : await catalog.findQuarantine(model, to.digest)
  return [
    ...(older === undefined ? [] : [older]),
    ...(quarantine === undefined
      ? []
      : [
          {
            code: 'release-quarantined' as const,
            message: `release ${release} of ${model} was taken back before (${quarantine.reason}); promoting it needs force`,
          },
        ]),
  ]
}
