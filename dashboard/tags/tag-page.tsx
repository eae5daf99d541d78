import type { Export } from '../../protocol/export.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Overview, TagOverview } from '../../protocol/overview.ts'
import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { Tag, TagHistory } from '../../protocol/tag.ts'
import { rollBack } from '../actions/promote.ts'
import { at, unlessRefused } from '../api/api.ts'
import { BotsByRelease } from '../charts/bots-by-release.tsx'
import { exportInWords } from '../exports/export-in-words.ts'
import { addressOf, withQuery } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { BotBar } from '../parts/bot-bar.tsx'
import { Facts } from '../parts/facts.tsx'
import { Pager } from '../parts/pager.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { MoveList } from '../releases/move-list.tsx'
import { isToWatch } from '../rollouts/is-to-watch.ts'
import { RolloutCard } from '../rollouts/rollout-card.tsx'
import { RolloutTable } from '../rollouts/rollout-table.tsx'
import { tagSentence } from '../overview/tag-sentence.ts'
import { PolicyForm } from './policy-form.tsx'
import { PromoteForm } from './promote-form.tsx'
import { policySentences } from './policy-sentences.ts'

interface TagData {
  readonly tag: Tag
  /** Names it as it was read. */
  readonly entityTag: string | null
  readonly tags: readonly Tag[]
  /** Its bots; null where it was deleted in this very moment. */
  readonly overview: TagOverview | null
  readonly history: TagHistory
  /** Its copy in a bucket; null: there is none. */
  readonly exported: Export | null
  readonly rollouts: List<RolloutSummary>
}

/** A tag: where it points, how its bots are, how its releases are brought out, and where it was. */
export const tagPage: Page<TagData> = {
  path: 'dashboard/models/:model/tags/:tag',
  menu: 'models',
  title: ({ tag: { model, tag } }) => `${model}@${tag}`,
  async load(api, { params: { model = '', tag = '' }, query }) {
    const tagAt = at.tag(model, tag)
    const rolloutsAt = withQuery(`${at.model(model)}/rollouts`, { tag, limit: '10' })
    const [found, tags, history, rollouts, overview, exports] = await Promise.all([
      api.getTagged<Tag>(tagAt),
      api.get<List<Tag>>(`${at.model(model)}/tags`),
      api.get<TagHistory>(withQuery(`${tagAt}/history`, { limit: '20', cursor: query['cursor'] })),
      api.get<List<RolloutSummary>>(rolloutsAt),
      api.get<Overview>(withQuery('api/v1/overview', { model })),
      unlessRefused(api.get<List<Export>>('api/v1/exports')),
    ])
    const exported = exports?.items.find((each) => each.model === model && each.tag === tag) ?? null
    const own = overview.tags.find((each) => each.tag === tag)
    return {
      tag: found.body,
      entityTag: found.entityTag,
      tags: tags.items,
      overview: own ?? null,
      history,
      rollouts,
      exported,
    }
  },
  view({ tag, entityTag, tags, overview, history, rollouts, exported }, { query }) {
    const { model, release, movedAt, movedBy, reason, policy } = tag
    const underWay = rollouts.items.find(isToWatch)
    return (
      <>
        <h1>
          <To href={addressOf.model(model)}>{model}</To>@{tag.tag}
        </h1>
        <Facts
          items={[
            [
              'Points at',
              <>
                <To href={addressOf.release(model, release)} class="release">
                  release {release}
                </To>{' '}
                since <Time at={movedAt} />, by {movedBy}
                {reason === null ? '' : `: ${reason}`}
              </>,
            ],
            [
              'Bots',
              overview !== null && (
                <>
                  <BotBar bots={overview.bots} />
                  <To href={addressOf.bots({ model, tag: tag.tag })}>{tagSentence(overview)}</To>
                </>
              ),
            ],
            [
              'Copy in the bucket',
              exported !== null && (
                <>
                  <code>{exported.name}</code> {exportInWords(exported)}
                </>
              ),
            ],
            [
              'Policy',
              <>
                {policySentences(policy).map((sentence) => (
                  <p key={sentence}>{sentence}</p>
                ))}
              </>,
            ],
          ]}
        />
        <BotsByRelease model={model} tag={tag.tag} />
        <PolicyForm base={{ model, tag: tag.tag, policy, entityTag }} release={release} />
        {history.rollbackTo !== null && (
          <div class="buttons head">
            <ActionButton action={rollBack(tag)} />
          </div>
        )}
        {underWay !== undefined && <RolloutCard rollout={underWay} />}
        {tag.tag !== 'latest' && (
          <section aria-labelledby="promote-title">
            <h2 id="promote-title">Promote another release</h2>
            <PromoteForm model={model} tag={tag.tag} tags={tags} />
          </section>
        )}
        <section aria-labelledby="history-title">
          <h2 id="history-title">History</h2>
          <MoveList moves={history.items} empty="It has not moved yet." />
          <Pager path={addressOf.tag(model, tag.tag)} query={query} next={history.next} />
        </section>
        <section aria-labelledby="rollouts-title">
          <h2 id="rollouts-title">Rollouts</h2>
          <RolloutTable rollouts={rollouts.items} />
        </section>
      </>
    )
  },
  concerns: (event, { params }) => event.model === null || event.model === params['model'],
}
