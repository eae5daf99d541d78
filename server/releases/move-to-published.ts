import { isThereAlready } from './is-there-already.ts'
import type { Release } from './release.ts'
import type { TagChange } from './tag-mover.ts'
import { warnOfOlderRasa, type TagWarning } from './warn-of-older-rasa.ts'

/** Brings a release that was just published out on a tag; bytes that were taken back before move none. */
export async function moveToPublished(
  change: TagChange,
  tag: string,
  release: Release,
  { publishedBy, force = false }: { publishedBy: string; force?: boolean },
): Promise<TagWarning | undefined> {
  const { catalog } = change
  const { model, digest } = release
  const before = await catalog.findTag(model, tag)
  const isFree = force || (await isThereAlready(catalog, before, release.number))
  const quarantine = isFree ? undefined : await catalog.findQuarantine(model, digest)
  if (quarantine !== undefined) return warnOfQuarantine(tag, release, quarantine.reason)
  const from = before && (await catalog.findReleaseSummary(model, before.release))
  const outcome = await change.move({ tag, to: release, by: publishedBy, reason: 'published', force })
  return outcome === 'unchanged' ? undefined : warnOfOlderRasa(tag, from, release)
}

function warnOfQuarantine(tag: string, { model, number }: Release, reason: string): TagWarning {
  return {
    code: 'release-quarantined',
    message:
      `${model}@${tag} stays as it is: the bytes of release ${number} were taken back before (${reason}); ` +
      'publish them with ?force=true to bring them out all the same',
  }
}
