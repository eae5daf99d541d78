import etag from 'etag'
import type { Model as WireModel } from '../../../protocol/model.ts'
import type {
  Release as WireRelease,
  ReleaseSummary as WireReleaseSummary,
} from '../../../protocol/release.ts'
import type { Tag as WireTag, TagMove as WireTagMove } from '../../../protocol/tag.ts'
import type { DamagedBlobs } from '../../blobs/damaged-blobs.ts'
import type { Model } from '../../releases/model.ts'
import type { Release, ReleaseSummary } from '../../releases/release.ts'
import { LATEST, type Tag, type TagMove } from '../../releases/tag.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'

/** How values of the domain look on the wire. */

/** A release, whole. */
export function presentRelease(release: Release, damaged?: DamagedBlobs): WireRelease {
  return { ...releaseFields(release, damaged), archive: { ...release.archive } }
}

/** A release without the long lists of its archive, for lists. */
export function presentReleaseSummary(release: ReleaseSummary, damaged: DamagedBlobs): WireReleaseSummary {
  return { ...releaseFields(release, damaged), archive: { ...release.archive } }
}

/** In the order in which people look for them. */
function releaseFields(release: ReleaseSummary, damaged?: DamagedBlobs): Omit<WireRelease, 'archive'> {
  const { model, number, digest, size, filename, publishedAt, publishedBy, notes } = release
  const fields = { model, number, digest, size, filename, publishedAt, publishedBy, notes }
  const damage = damaged?.find(digest)
  return damage === undefined ? fields : { ...fields, damagedAt: damage.damagedAt }
}

/** A tag. */
export function presentTag({ sequence: _, ...tag }: Tag): WireTag {
  return tag
}

/** The entity tag of a tag: another one after every move, also after one there and back. */
export function tagEntityTag(tag: Tag): string {
  return etag(JSON.stringify(tag))
}

/** One move of a tag. */
export function presentTagMove({ sequence: _, ...move }: TagMove): WireTagMove {
  return move
}

/** A model, with what is counted for it. */
export async function presentModel(
  catalog: CatalogReader,
  { model, defaultTag, createdAt }: Model,
): Promise<WireModel> {
  const latest = await catalog.findTag(model, LATEST)
  return {
    model,
    defaultTag,
    releases: await catalog.countReleases(model),
    latest: latest?.release ?? null,
    createdAt,
  }
}
