import etag from 'etag'
import type { Model as WireModel } from '../../../protocol/model.ts'
import type {
  Release as WireRelease,
  ReleaseSummary as WireReleaseSummary,
} from '../../../protocol/release.ts'
import type { Tag as WireTag, TagMove as WireTagMove } from '../../../protocol/tag.ts'
import type { TagRollout } from '../../../protocol/rollout.ts'
import type { KnownDamage } from '../../coordination/known-damage.ts'
import type { Quarantine } from '../../catalog/rollouts.ts'
import type { Model } from '../../releases/model.ts'
import type { Release, ReleaseSummary } from '../../releases/release.ts'
import { LATEST, type Tag, type TagMove } from '../../releases/tag.ts'
import type { LiveRollouts } from '../../rollouts/live-rollouts.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'

/** How values of the domain look on the wire. */

/** What is known of a release besides what it is. */
export interface ReleaseStanding {
  readonly damaged?: KnownDamage
  readonly quarantine: Quarantine | undefined
}

/** A release, whole. */
export function presentRelease(release: Release, standing: ReleaseStanding): WireRelease {
  return { ...releaseFields(release, standing), archive: { ...release.archive } }
}

/** A release without the long lists of its archive, for lists. */
export function presentReleaseSummary(
  release: ReleaseSummary,
  standing: ReleaseStanding,
): WireReleaseSummary {
  return { ...releaseFields(release, standing), archive: { ...release.archive } }
}

/** In the order in which people look for them. */
function releaseFields(
  release: ReleaseSummary,
  { damaged, quarantine }: ReleaseStanding,
): Omit<WireRelease, 'archive'> {
  const { model, number, digest, size, filename, publishedAt, publishedBy, notes, signature } = release
  const damage = damaged?.find(digest)
  return {
    model,
    number,
    digest,
    size,
    filename,
    publishedAt,
    publishedBy,
    notes,
    ...(damage === undefined ? {} : { damagedAt: damage.damagedAt }),
    quarantine:
      quarantine === undefined
        ? null
        : { at: new Date(quarantine.at).toISOString(), reason: quarantine.reason },
    signature,
  }
}

/** What says how the releases of a tag are brought out. */
export type TagRollouts = Pick<LiveRollouts, 'find' | 'policy'>

/** A tag, with its policy and its rollout. */
export function presentTag({ sequence: _, ...tag }: Tag, rollouts: TagRollouts): WireTag {
  const policy = rollouts.policy(tag.model, tag.tag)
  return { ...tag, policy, rollout: presentTagRollout(tag, rollouts) }
}

function presentTagRollout(
  { model, tag }: Pick<Tag, 'model' | 'tag'>,
  rollouts: TagRollouts,
): TagRollout | null {
  const rollout = rollouts.find(model, tag)
  if (rollout === null) return null
  const { id, state, step, to } = rollout
  return { id, state, step, to: to.release }
}

/**
 * The entity tag of a tag in three parts: where it points, another one after every move, also after one there and back; its
 * policy; and what is said of its rollout. `If-Match` never compares the last: what a rollout does by itself must not break
 * a compare-and-set.
 */
export function tagEntityTag(tag: Tag, rollouts: TagRollouts): string {
  return `"${[...comparedParts(tag, rollouts), hashOf({ rollout: presentTagRollout(tag, rollouts) })].join('.')}"`
}

/** The parts of {@link tagEntityTag} that a change is made on. @param rollouts Where the policy counts. */
export function comparedParts(tag: Tag, rollouts?: TagRollouts): string[] {
  return [hashOf(tag), ...(rollouts === undefined ? [] : [hashOf(rollouts.policy(tag.model, tag.tag))])]
}

function hashOf(value: object): string {
  return etag(JSON.stringify(value)).replaceAll('"', '')
}

/** One move of a tag. */
export function presentTagMove({ sequence: _, ...move }: TagMove): WireTagMove {
  return move
}

/** The entity tag of a model: its settings, which a change is made on, then everything that is told of it. */
export function modelEntityTag(model: Model, told: WireModel): string {
  return `"${modelSettingsPart(model)}.${hashOf(told)}"`
}

/** The part of {@link modelEntityTag} that a change of settings is made on. */
export function modelSettingsPart({ model, createdAt, defaultTag, signatures, quota }: Model): string {
  return hashOf({ model, createdAt, defaultTag, signatures, quota })
}

/** A model, with what is counted for it. */
export async function presentModel(
  catalog: CatalogReader,
  { model, defaultTag, createdAt, signatures, quota }: Model,
): Promise<WireModel> {
  const latest = await catalog.findTag(model, LATEST)
  return {
    model,
    defaultTag,
    releases: await catalog.countReleases(model),
    latest: latest?.release ?? null,
    createdAt,
    signatures,
    quota,
    bytes: quota === null ? null : await catalog.archiveBytes(model),
  }
}
