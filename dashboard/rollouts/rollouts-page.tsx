import type { Model } from '../../protocol/model.ts'
import type { Overview } from '../../protocol/overview.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import { at } from '../api/api.ts'
import { addressOf, withQuery } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Empty } from '../parts/empty.tsx'
import { Pager } from '../parts/pager.tsx'
import { To } from '../parts/to.tsx'
import { isToWatch } from './is-to-watch.ts'
import { RolloutCard } from './rollout-card.tsx'
import { RolloutTable } from './rollout-table.tsx'

interface RolloutsData {
  readonly underWay: readonly RolloutSummary[]
  readonly models: readonly Model[]
  /** Of the model that was asked for, or the one that was created last; null: there is no model. */
  readonly past: List<RolloutSummary> | null
  readonly model: string | null
}

/** Rollouts that are under way, and those of one model that have ended. */
export const rolloutsPage: Page<RolloutsData> = {
  path: 'dashboard/rollouts',
  menu: 'rollouts',
  title: () => 'Rollouts',
  async load(api, { query }) {
    const [overview, models] = await Promise.all([
      api.get<Overview>('api/v1/overview'),
      api.get<List<Model>>('api/v1/models?limit=100'),
    ])
    const model = query['model'] ?? overview.tags[0]?.model ?? models.items[0]?.model ?? null
    const past =
      model === null
        ? null
        : await api.get<List<RolloutSummary>>(
            withQuery(`${at.model(model)}/rollouts`, { limit: '30', cursor: query['cursor'] }),
          )
    const underWay = overview.tags.flatMap(({ rollout }) =>
      rollout !== null && isToWatch(rollout) ? [rollout] : [],
    )
    return { underWay, models: models.items, past, model }
  },
  targets: ({ underWay }) => underWay.map(({ model }) => ({ model })),
  view({ underWay, models, past, model }, { query }) {
    return (
      <>
        <h1>Rollouts</h1>
        {underWay.length === 0 ? (
          <Empty title="No rollout is under way">
            <p>
              Each promotion starts one: promote a release on its page, or with{' '}
              <code>slipway promote MODEL@TAG RELEASE --steps 1,25%,100%</code>. Where bots fail a release,
              Slipway takes it back by itself.
            </p>
          </Empty>
        ) : (
          underWay.map((rollout) => <RolloutCard key={rollout.id} rollout={rollout} />)
        )}
        {past !== null && model !== null && (
          <section aria-labelledby="past-title" class="past">
            <h2 id="past-title">Rollouts of {model}</h2>
            {models.length > 1 && (
              <nav aria-label="Models" class="chips">
                {models.map(({ model: name }) => (
                  <To
                    key={name}
                    href={addressOf.rollouts({ model: name })}
                    class={name === model ? 'note chosen' : 'note'}
                  >
                    {name}
                  </To>
                ))}
              </nav>
            )}
            <RolloutTable rollouts={past.items} />
            <Pager path={addressOf.rollouts()} query={{ ...query, model }} next={past.next} />
          </section>
        )}
      </>
    )
  },
}
