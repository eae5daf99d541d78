import type { Event } from '../../protocol/event.ts'
import type { Export } from '../../protocol/export.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Overview } from '../../protocol/overview.ts'
import type { Status } from '../../protocol/status.ts'
import { unlessRefused } from '../api/api.ts'
import type { Page } from '../page/page.ts'
import { ActivityList } from './activity-list.tsx'
import { addEvents, type Activity } from './activity.ts'
import { AttentionList } from './attention-list.tsx'
import { needsAttention } from './needs-attention.ts'
import { FirstSteps } from './first-steps.tsx'
import { isToWatch } from '../rollouts/is-to-watch.ts'
import { RolloutCard } from '../rollouts/rollout-card.tsx'
import { TagTable } from './tag-table.tsx'

/** So many of the last events are looked through for what to tell: 10,000 bots that load a release are one line. */
const EVENTS = 300

interface OverviewData {
  readonly overview: Overview
  /** null: the reader may not see it. */
  readonly status: Status | null
  /** Those that fail. */
  readonly exports: readonly Export[]
  readonly activities: readonly Activity[]
}

/** The first page: what needs a hand, how the tags are, which rollout is under way, what happened. */
export const overviewPage: Page<OverviewData> = {
  path: '',
  menu: 'overview',
  title({ overview, status, exports }) {
    const urgent = needsAttention(overview, status, exports).length
    if (urgent > 0) return `${urgent} to look at`
    return overview.moreTags === 0 ? 'All well' : 'Overview'
  },
  async load(api, _where, { may }) {
    const [overview, status, exports] = await Promise.all([
      api.get<Overview>('api/v1/overview'),
      // Of the server as a whole only those are told who may read everything.
      may.includes('read') ? api.get<Status>('api/v1/status') : null,
      unlessRefused(api.get<List<Export>>('api/v1/exports')),
    ])
    const after = Math.max(0, overview.event - EVENTS)
    const events = await api.get<{ items: Event[] }>(`api/v1/events?after=${after}&limit=${EVENTS}`)
    return {
      overview,
      status,
      activities: addEvents([], events.items),
      exports: exports?.items.filter(({ state }) => state === 'failed') ?? [],
    }
  },
  targets: ({ overview }) => overview.tags.flatMap(({ model, tag }) => [{ model }, { model, tag }]),
  view({ overview, status, exports, activities }) {
    const needy = needsAttention(overview, status, exports)
    if (overview.models === 0) {
      return (
        <>
          {needy.length > 0 && <AttentionList items={needy} overview={overview} />}
          <FirstSteps />
        </>
      )
    }
    const rollouts = overview.tags.flatMap(({ rollout }) =>
      rollout !== null && isToWatch(rollout) ? [rollout] : [],
    )
    return (
      <div class="overview">
        <h1 class="unseen">Overview</h1>
        <AttentionList items={needy} overview={overview} />
        <TagTable overview={overview} />
        {rollouts.length > 0 && (
          <section aria-labelledby="rollouts-title" class="rollouts">
            <h2 id="rollouts-title">Under way</h2>
            {rollouts.map((rollout) => (
              <RolloutCard key={rollout.id} rollout={rollout} heading="h3" />
            ))}
          </section>
        )}
        <ActivityList activities={activities} />
      </div>
    )
  },
}
