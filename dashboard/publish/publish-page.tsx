import type { Model } from '../../protocol/model.ts'
import type { Page as List } from '../../protocol/page.ts'
import type { Page } from '../page/page.ts'
import { useMaySomewhere, usePage } from '../page/context.ts'
import { Copy } from '../parts/copy.tsx'
import { curlPushOf, pushOf } from '../text/set-up-commands.ts'
import { PublishForm } from './publish-form.tsx'

/** Brings an archive in from the reader's machine. */
export const publishPage: Page<List<Model>> = {
  path: 'dashboard/publish',
  menu: 'publish',
  title: () => 'Publish',
  load: (api) => api.get('api/v1/models?limit=100'),
  view({ items }, { query }) {
    const models = items.map(({ model }) => model)
    return <Publishing models={models} model={query['model'] ?? models[0]} />
  },
  concerns: () => false,
}

function Publishing({ models, model }: { models: readonly string[]; model: string | undefined }) {
  return (
    <section class="narrow">
      <h1>Publish an archive</h1>
      {useMaySomewhere('publish') ? (
        <PublishForm models={models} model={model ?? 'default'} />
      ) : (
        <p class="faint">Your token does not let you publish.</p>
      )}
      <h2>From CI</h2>
      <FromCi model={model ?? 'MODEL'} />
    </section>
  )
}

function FromCi({ model }: { model: string }) {
  const { server } = usePage()
  return (
    <>
      <p>
        <code>SLIPWAY_TOKEN</code> is a token that allows <code>publish:{model}</code>, and{' '}
        <code>promote:{model}</code> for <code>--tag</code>.
      </p>
      <Copy label="publish with slipway" text={pushOf(server, model, 'production')} />
      <Copy label="publish with curl" text={curlPushOf(server, model, 'production')} />
    </>
  )
}
