import type { Model } from '../../protocol/model.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Page } from '../page/page.ts'
import { Copy } from '../parts/copy.tsx'
import { PublishForm } from './publish-form.tsx'

/** Brings an archive in from the reader's machine. */
export const publishPage: Page<List<Model>> = {
  path: 'dashboard/publish',
  menu: 'publish',
  title: () => 'Publish',
  load: (api) => api.get('api/v1/models?limit=100'),
  view({ items }, { query }) {
    const models = items.map(({ model }) => model)
    return (
      <section class="narrow">
        <h1>Publish an archive</h1>
        <PublishForm models={models} model={query['model'] ?? models[0] ?? 'default'} />
        <h2>From CI</h2>
        <Copy
          label="publish with slipway"
          text="slipway push models/20261126-140500-first.tar.gz --model shop --tag production"
        />
        <Copy
          label="publish with curl"
          text={
            'curl --fail-with-body -H "Authorization: Bearer $SLIPWAY_TOKEN" --data-binary @model.tar.gz "$SLIPWAY_URL/models/shop?tag=production"'
          }
        />
      </section>
    )
  },
  concerns: () => false,
}
