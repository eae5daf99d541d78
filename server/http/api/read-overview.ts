import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Overview, TagOverview } from '../../../protocol/overview.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { KnownDamage } from '../../coordination/known-damage.ts'
import type { TagBots } from '../../fleet/fleet-census.ts'
import type { RefusedBots } from '../../fleet/refused-bots.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import { findRollbackTargetIfAny } from '../../releases/roll-back-tag.ts'
import type { Tag } from '../../releases/tag.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import type { Clock } from '../../time/clock.ts'
import type { CanSee } from '../access/rights.ts'
import { chooseModels } from './choose-models.ts'
import { keyOf } from '../../fleet/key-of.ts'

const MOST_TAGS = 200
const MOST_REFUSED = 20
const MOST_QUARANTINED = 20
const MOST_DAMAGED = 20

export interface OverviewDependencies {
  catalog: Catalog
  current: CurrentReleases
  view: FleetView
  damaged: KnownDamage
  refusedBots: RefusedBots
  clock: Clock
}

/**
 * Reads all that a person on call looks at first.
 *
 * @param event The id of the last event that it takes account of.
 * @param canSee Of which models it tells: nothing of others shows, nor how many there are.
 */
export async function readOverview(
  dependencies: OverviewDependencies,
  event: number,
  canSee: CanSee,
): Promise<Overview> {
  const { current, view, clock } = dependencies
  const counted = (await view.takeCensus()).filter(({ model }) => canSee(model))
  const census = new Map(counted.map((bots) => [keyOf(bots.model, bots.tag), bots]))
  const paused = view.listPausedModels().filter(canSee)
  const models = current.all().filter(({ model, tags }) => tags.length > 0 && canSee(model))
  const { chosen, moreTags, morePaused } = chooseModels(models, census.values(), paused, MOST_TAGS)
  const damaged = findDamaged(dependencies, canSee)
  const tags: TagOverview[] = []
  for (const model of chosen) {
    tags.push(...(await readTags(dependencies, model, census)))
    await nextTurn()
  }
  return {
    at: new Date(clock.now()).toISOString(),
    event,
    models: models.length,
    tags: tags.toSorted((one, other) => other.bots.all - one.bots.all),
    moreTags,
    morePaused,
    refused: readRefused(dependencies, canSee),
    quarantined: await readQuarantined(dependencies, chosen),
    damaged: damaged.slice(0, MOST_DAMAGED).map(({ tell }) => tell()),
    moreDamaged: Math.max(0, damaged.length - MOST_DAMAGED),
  }
}

async function readTags(
  { catalog, current, view }: OverviewDependencies,
  model: string,
  census: ReadonlyMap<string, TagBots>,
): Promise<TagOverview[]> {
  const tags = await catalog.listTags(model)
  const rollouts = await view.listRolloutsUnderWay(model)
  const told: TagOverview[] = []
  for (const tag of tags) {
    const bots = botFields(tag.digest, census.get(keyOf(tag.model, tag.tag)))
    const rollout = rollouts.find((rollout) => rollout.tag === tag.tag) ?? null
    // A tag may have ten thousand moves: they are read where somebody may want to go back.
    const mayGoBack = rollout === null && bots.failing.length > 0
    told.push({
      ...tagFields(tag),
      isDefault: current.defaultTag(model) === tag.tag,
      ...bots,
      rollbackTo: mayGoBack ? await findRollbackTargetIfAny(catalog, tag) : null,
      rollout,
    })
  }
  return told
}

function tagFields({ model, tag, release, movedAt, movedBy, reason }: Tag) {
  return { model, tag, release, movedAt, movedBy, reason }
}

/** @param digest What the tag points at: other releases may have the same bytes. */
function botFields(
  digest: string,
  counted: TagBots | undefined,
): Pick<TagOverview, 'bots' | 'failing' | 'lost'> {
  const {
    all = 0,
    states = [],
    digests = new Map<string | null, number>(),
    releases = new Map<number | null, number>(),
    failing = [],
    lost = [],
  } = counted ?? {}
  return {
    bots: {
      all,
      updated: digests.get(digest) ?? 0,
      states: Object.fromEntries(states),
      releases: [...releases]
        .map(([release, bots]) => ({ release, bots }))
        .toSorted((one, other) => other.bots - one.bots),
    },
    failing,
    lost,
  }
}

function readRefused({ refusedBots, clock }: OverviewDependencies, canSee: CanSee): Overview['refused'] {
  return refusedBots
    .list(clock.now())
    .filter(({ model }) => canSee(model))
    .slice(0, MOST_REFUSED)
    .map(({ firstAt, lastAt, ...refused }) => ({
      ...refused,
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
    }))
}

async function readQuarantined(
  { catalog, view }: OverviewDependencies,
  models: readonly string[],
): Promise<Overview['quarantined']> {
  const found: Overview['quarantined'] = []
  for (const model of models) {
    const quarantined = await catalog.listQuarantine(model)
    if (quarantined.length === 0) continue
    const newest = await catalog.highestRelease(model)
    for (const { digest, at, reason } of quarantined) {
      const release = view.releaseOf(model, digest)
      if (release === undefined) continue
      if ((await catalog.findReleaseSummary(model, release)) === undefined) continue
      const isNewest = newest?.number === release
      found.push({ model, release, at: new Date(at).toISOString(), reason, isNewest })
    }
  }
  return found.toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, MOST_QUARANTINED)
}

/** Archives that are damaged, of which somebody may know: of one that no release has, whoever may read everything. */
function findDamaged(
  { current, damaged, view }: OverviewDependencies,
  canSee: CanSee,
): { tell: () => Overview['damaged'][number] }[] {
  if (damaged.size === 0) return []
  const models = current.models().filter(canSee)
  const releasesOf = (digest: string) =>
    models.flatMap((model) => {
      const release = view.releaseOf(model, digest)
      return release === undefined ? [] : [{ model, release }]
    })
  return damaged
    .all()
    .filter(({ digest }) => canSee(null) || releasesOf(digest).length > 0)
    .map(({ digest, kind, damagedAt }) => ({
      tell: () => ({ digest, kind, damagedAt, releases: releasesOf(digest) }),
    }))
}
