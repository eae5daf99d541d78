import type { CurrentModel } from '../../catalog/tags.ts'
import type { TagBots } from '../../fleet/fleet-census.ts'

/** The models that an overview tells of, and how many tags the others have. */
export interface ChosenModels {
  readonly chosen: string[]
  readonly moreTags: number
}

/**
 * Chooses models until they have as many tags as are told: those with bots that fail first, then those with bots that are
 * lost, then those with most bots. What needs a hand must not be left out for what is well.
 */
export function chooseModels(
  models: readonly CurrentModel[],
  census: Iterable<TagBots>,
  mostTags: number,
): ChosenModels {
  const ranks = rankModels(census)
  const sorted = models.toSorted((one, other) => {
    const [a, b] = [ranks.get(one.model) ?? NO_BOTS, ranks.get(other.model) ?? NO_BOTS]
    return b.failing - a.failing || b.lost - a.lost || b.all - a.all
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
  return { chosen, moreTags }
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
