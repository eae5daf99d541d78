import type { Model } from '../../protocol/model.ts'
import type { Overview, TagOverview } from '../../protocol/overview.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { ReleaseSummary } from '../../protocol/release.ts'
import type { Tag } from '../../protocol/tag.ts'
import { pruneReleases } from '../actions/prune-releases.ts'
import { at } from '../api/api.ts'
import { addressOf, withQuery } from '../page/address-of.ts'
import { useMay } from '../page/context.ts'
import type { Page } from '../page/page.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { Pager } from '../parts/pager.tsx'
import { To } from '../parts/to.tsx'
import { ReleaseTable } from '../releases/release-table.tsx'
import { TagRows } from '../overview/tag-table.tsx'
import { grouped } from '../text/count.ts'
import { ModelSettings } from './model-settings.tsx'
import { CompareForm } from './compare-form.tsx'

interface ModelData {
  readonly model: Model
  /** Names it as it was read. */
  readonly entityTag: string | null
  readonly tags: readonly Tag[]
  /** The same tags with their bots. */
  readonly overviews: readonly TagOverview[]
  readonly releases: List<ReleaseSummary>
}

/** A model: its tags, and its releases with who runs them. */
export const modelPage: Page<ModelData> = {
  path: 'dashboard/models/:model',
  menu: 'models',
  title: ({ model }) => model.model,
  async load(api, { params: { model = '' }, query }) {
    const releasesAt = withQuery(`${at.model(model)}/releases`, { limit: '50', cursor: query['cursor'] })
    const [found, tags, releases, overview] = await Promise.all([
      api.getTagged<Model>(at.model(model)),
      api.get<List<Tag>>(`${at.model(model)}/tags`),
      api.get<List<ReleaseSummary>>(releasesAt),
      api.get<Overview>(withQuery('api/v1/overview', { model })),
    ])
    const { body, entityTag } = found
    return { model: body, entityTag, tags: tags.items, overviews: overview.tags, releases }
  },
  view({ model: found, entityTag, tags, overviews, releases }, { query }) {
    const { model, releases: all } = found
    const [newest] = releases.items
    const running = tags.find(({ release }) => release !== newest?.number)?.release
    return (
      <>
        <h1>{model}</h1>
        <div class="buttons head">
          <PublishLink model={model} />
          <To href={addressOf.timeline(model)} class="button">
            What ran when
          </To>
          <ActionButton action={pruneReleases(model)} />
        </div>
        <section aria-labelledby="tags-title">
          <h2 id="tags-title">Tags</h2>
          <TagRows tags={overviews} />
        </section>
        <section aria-labelledby="releases-title">
          <h2 id="releases-title">
            Releases <span class="faint">{grouped(all)}</span>
          </h2>
          {newest !== undefined && (
            <CompareForm model={model} from={running ?? Math.max(1, newest.number - 1)} to={newest.number} />
          )}
          <ReleaseTable releases={releases.items} tags={tags} overviews={overviews} />
          <Pager path={addressOf.model(model)} query={query} next={releases.next} />
        </section>
        <ModelSettings model={found} tags={tags} entityTag={entityTag} />
      </>
    )
  },
  concerns: (event, { params }) => event.model === null || event.model === params['model'],
}

function PublishLink({ model }: { model: string }) {
  if (!useMay('publish', { model })) return null
  return (
    <To href={addressOf.publish(model)} class="button">
      Publish an archive
    </To>
  )
}
