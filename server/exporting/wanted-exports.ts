import type { CurrentReleases } from '../releases/current-releases.ts'
import type { Digest } from '../releases/release.ts'
import { LATEST } from '../releases/tag.ts'
import { exportName } from './export-name.ts'

/** What is to be in the bucket: the archive that a tag points at, under the name of the tag. */
export interface WantedExport {
  model: string
  tag: string
  name: string
  digest: Digest
}

/**
 * What is to be in the bucket now, by model and tag.
 *
 * @param tags Which tags; undefined: all but `latest`.
 * @param nameTemplate @see exportName
 */
export function wantedExports(
  current: Pick<CurrentReleases, 'all'>,
  tags: readonly string[] | undefined,
  nameTemplate: string,
): WantedExport[] {
  return current
    .all()
    .flatMap(({ model, tags: ofModel }) =>
      ofModel.map(({ tag, release: { digest } }) => {
        return { model, tag, name: exportName(nameTemplate, model, tag), digest }
      }),
    )
    .filter(({ tag }) => tags?.includes(tag) ?? tag !== LATEST)
    .sort((one, other) => (exportKey(one) < exportKey(other) ? -1 : 1))
}

/** One text for a model and a tag: neither has blanks. */
export function exportKey({ model, tag }: Pick<WantedExport, 'model' | 'tag'>): string {
  return `${model} ${tag}`
}
