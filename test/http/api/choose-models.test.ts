import { expect } from 'chai'
import type { BotState } from '../../../protocol/bot-states.ts'
import type { TagBots } from '../../../server/fleet/fleet-census.ts'
import { chooseModels } from '../../../server/http/api/choose-models.ts'

function bots(model: string, all: number, states: [BotState, number][] = []): TagBots {
  return {
    model,
    tag: 'production',
    all,
    states: new Map(states),
    digests: new Map(),
    releases: new Map(),
    failing: [],
    lost: [],
  }
}

function choose(census: TagBots[], paused: string[] = [], mostTags = 2) {
  const models = ['idle', 'large', 'lost', 'failing'].map((model) => ({
    model,
    defaultTag: 'production',
    revision: 1,
    tags: [{ tag: 'production', release: { number: 1, digest: '', size: 1, filename: '' } }],
  }))
  return chooseModels(models, census, paused, mostTags)
}

describe('the models of an overview', () => {
  it('are those whose bots fail before those that have more bots', () => {
    const census = [
      bots('large', 9_000),
      bots('lost', 2, [['lost', 1]]),
      bots('failing', 1, [['failing', 1]]),
    ]
    expect(choose(census)).to.deep.equal({ chosen: ['failing', 'lost'], moreTags: 2, morePaused: 0 })
  })

  it('are those with a rollout that stands still before all others, and count such rollouts that are left out', () => {
    const census = [bots('large', 9_000), bots('failing', 1, [['failing', 1]])]
    expect(choose(census, ['idle', 'lost', 'large', 'large'])).to.deep.equal({
      chosen: ['large', 'idle'],
      moreTags: 2,
      morePaused: 1,
    })
  })

  it('are those with most bots where all are well', () => {
    expect(choose([bots('large', 9_000), bots('lost', 2)])).to.deep.equal({
      chosen: ['large', 'lost'],
      moreTags: 2,
      morePaused: 0,
    })
  })
})
