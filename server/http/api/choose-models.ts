import type { CurrentModel } from '../../catalog/tags.ts'
import type { TagBots } from '../../fleet/fleet-census.ts'

/** The models that an overview tells of, and how many tags the others have. */
export interface ChosenModels {
  readonly chosen: string[]
  readonly moreTags: number
  /** Rollouts of the others that stand still. */
  readonly morePaused: number
}

/**
 * Chooses models until they have as many tags as are told: those with a rollout that stands still first, then those with bots
 * that fail, with bots that are lost, and with most bots. What needs a hand must not be left out for what is well.
 *
 * @param paused The model of each rollout that stands still.
 */
export function chooseModels(
  models: readonly CurrentModel[],
  census: Iterable<TagBots>,
  paused: readonly string[],
  mostTags: number,
): ChosenModels {
  const standing = new Set(paused)
  const isPaused = (model: string): number => (standing.has(model) ? 1 : 0)
  const ranks = rankModels(census)
  const sorted = models.toSorted((one, other) => {
    const [a, b] = [ranks.get(one.model) ?? NO_BOTS, ranks.get(other.model) ?? NO_BOTS]
    const byRollout = isPaused(other.model) - isPaused(one.model)
    return byRollout || b.failing - a.failing || b.lost - a.lost || b.all - a.all
  })
  const chosen: string[] = []
  let [told, moreTags] = [0, 0]
  for (const { model, tags } of sorted) {
    if (told + tags.length > mostTags && chosen.length > 0) {
      moreTags += tags.length
      continue
    }
    chosen.push(model)
    told += tags.length
  }
  const shown = new Set(chosen)
  const morePaused = paused.filter((model) => !shown.has(model)).length
  return { chosen, moreTags, morePaused }
}

/** Bots of a model. */
interface Rank {
  failing: number
  lost: number
  all: number
}

const NO_BOTS: Rank = { failing: 0, lost: 0, all: 0 }

function rankModels(census: Iterable<TagBots>): Map<string, Rank> {
  const ranks = new Map<string, Rank>()
  for (const { model, all, states } of census) {
    const rank = ranks.get(model) ?? NO_BOTS
    ranks.set(model, {
      failing: rank.failing + (states.get('failing') ?? 0),
      lost: rank.lost + (states.get('lost') ?? 0),
      all: rank.all + all,
    })
  }
  return ranks
}
