import type { Export } from '../../protocol/export.ts'
import type { Model } from '../../protocol/model.ts'
import type { Page as List } from '../../protocol/page.ts'
import { unlessRefused } from '../api/api.ts'
import { FirstSteps } from '../overview/first-steps.tsx'
import { addressOf, withQuery } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Pager } from '../parts/pager.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { grouped } from '../text/count.ts'

interface ModelsData extends List<Model> {
  /** Whether tags are copied into a bucket. */
  readonly hasExports: boolean
}

/** Every model. */
export const modelsPage: Page<ModelsData> = {
  path: 'dashboard/models',
  menu: 'models',
  title: () => 'Models',
  async load(api, { query }) {
    const [models, exports] = await Promise.all([
      api.get<List<Model>>(withQuery('api/v1/models', { limit: '50', cursor: query['cursor'] })),
      unlessRefused(api.get<List<Export>>('api/v1/exports')),
    ])
    return { ...models, hasExports: exports !== undefined && exports.items.length > 0 }
  },
  view({ items, next, hasExports }, { query }) {
    if (items.length === 0) return <FirstSteps />
    return (
      <>
        <h1>Models</h1>
        {hasExports && (
          <div class="buttons head">
            <To href={addressOf.exports()} class="button">
              Exports to the bucket
            </To>
          </div>
        )}
        <table class="rows">
          <Columns
            of={[
              'Model',
              { name: 'Releases', isNumber: true },
              'Latest',
              'Polls without a tag mean',
              'Created',
            ]}
          />
          <tbody>
            {items.map(({ model, releases, latest, defaultTag, createdAt }) => (
              <tr key={model}>
                <th scope="row">
                  <To href={addressOf.model(model)}>{model}</To>
                </th>
                <td data-label="Releases" class="number">
                  {grouped(releases)}
                </td>
                <td data-label="Latest">
                  {latest !== null && (
                    <To href={addressOf.release(model, latest)} class="release">
                      {latest}
                    </To>
                  )}
                </td>
                <td data-label="Polls without a tag mean" class="name">
                  <To href={addressOf.tag(model, defaultTag)}>{defaultTag}</To>
                </td>
                <td data-label="Created">
                  <Time at={createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <Pager path={addressOf.models()} query={query} next={next} />
      </>
    )
  },
}
