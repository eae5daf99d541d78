import type { CatalogReader } from '../catalog/catalog.ts'
import type { Target } from '../fleet/process-record.ts'
import type { CanBeSent } from '../releases/can-be-sent.ts'
import type { Digest } from '../releases/release.ts'
import { findSoundReleaseBefore } from '../releases/roll-back-tag.ts'
import { LATEST } from '../releases/tag.ts'
import type { Rollout } from './rollout.ts'

/** Further than anybody goes back: where so many archives cannot be sent, storage itself is lost. */
const MOST_LOOKED_AT = 20

/** What tells where bots can go back to. */
export interface WayBackDependencies {
  readonly catalog: CatalogReader
  readonly canBeSent: CanBeSent
}

/** Where bots would go back to. */
export interface WayBack {
  /** `from`, or the last release before it whose archive can be sent, and that was not taken back; null: nowhere. */
  readonly to: Target | null
  /** What `latest` must not go back to; empty where nothing goes back. */
  readonly passedOver: ReadonlySet<Digest>
}

/**
 * Looks where a rollout can go back to: "a release whose archive is damaged or missing is passed over, as those that were taken
 * back are" (docs/rollouts.md). Where the tag has not moved yet, only those that have the new release would go, to what all others
 * run: nobody sends these elsewhere for it, and a person is told instead.
 */
export async function findWayBack(
  dependencies: WayBackDependencies,
  rollout: Rollout & { readonly from: Target },
): Promise<WayBack> {
  const { model } = rollout
  const to = await findTarget(dependencies, rollout)
  // It is looked at again every few seconds: storage is asked for no more than that needs.
  if (to === null) return { to, passedOver: new Set() }
  const latest = await findSendableBefore(dependencies, { model, tag: LATEST }, [rollout.to.digest])
  return { to, passedOver: latest.passedOver }
}

async function findTarget(
  dependencies: WayBackDependencies,
  { model, tag, from, to, tagMoved }: Rollout & { readonly from: Target },
): Promise<Target | null> {
  if (await dependencies.canBeSent({ number: from.release, digest: from.digest })) return from
  if (!tagMoved) return null
  return (await findSendableBefore(dependencies, { model, tag }, [to.digest, from.digest])).to
}

/**
 * Where a tag can go back to, if anywhere.
 *
 * @param excepted What it must not go back to, whatever its archive is.
 */
export async function findSendableBefore(
  { catalog, canBeSent }: WayBackDependencies,
  { model, tag }: { readonly model: string; readonly tag: string },
  excepted: readonly Digest[],
): Promise<WayBack> {
  const passedOver = new Set(excepted)
  if ((await catalog.findTag(model, tag)) === undefined) return { to: null, passedOver }
  for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
    const number = await findSoundReleaseBefore(catalog, { model, tag }, passedOver)
    const release = number === null ? undefined : await catalog.findReleaseSummary(model, number)
    if (release === undefined) return { to: null, passedOver }
    const { digest } = release
    if (await canBeSent(release)) return { to: { release: release.number, digest }, passedOver }
    passedOver.add(digest)
  }
  return { to: null, passedOver }
}
