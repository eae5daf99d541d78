import type { Bot } from '../../protocol/bot.ts'
import type { Model } from '../../protocol/model.ts'
import { BOT_STATES } from '../../protocol/bot-states.ts'
import type { Page as List } from '../../protocol/page.ts'
import { addressOf, withQuery } from '../page/address-of.ts'
import { usePage } from '../page/context.ts'
import type { Page } from '../page/page.ts'
import { PollsAndFailures } from '../charts/polls-and-failures.tsx'
import { Copy } from '../parts/copy.tsx'
import { Empty } from '../parts/empty.tsx'
import { Pager } from '../parts/pager.tsx'
import { To } from '../parts/to.tsx'
import { endpointsOf } from '../text/set-up-commands.ts'
import { BotTable } from './bot-table.tsx'

interface BotsData {
  readonly bots: List<Bot>
  /** The newest model, which a first bot would poll; undefined where there is none, or bots are there. */
  readonly model: Model | undefined
}

/** Every bot, narrowed by what the form above the list says. */
export const botsPage: Page<BotsData> = {
  path: 'dashboard/bots',
  menu: 'bots',
  title: () => 'Bots',
  async load(api, { query }) {
    const { model, tag, state, release, cursor } = query
    const bots = await api.get<List<Bot>>(
      withQuery('api/v1/bots', { limit: '100', model, tag, state, release, cursor }),
    )
    const models = bots.items.length > 0 ? undefined : await api.get<List<Model>>('api/v1/models?limit=1')
    return { bots, model: models?.items[0] }
  },
  view({ bots: { items, next }, model }, { query }) {
    const isNarrowed = ['model', 'tag', 'state', 'release'].some((name) => (query[name] ?? '') !== '')
    return (
      <>
        <h1>Bots</h1>
        {items.length > 0 && !isNarrowed && query['cursor'] === undefined && <PollsAndFailures />}
        <BotFilter query={query} />
        {items.length > 0 ? (
          <BotTable bots={items} empty="" />
        ) : isNarrowed ? (
          <Empty title="No bot is so">
            <p>
              <To href={addressOf.bots()}>Show all bots</To>
            </p>
          </Empty>
        ) : (
          <NoBots model={model} />
        )}
        <Pager path={addressOf.bots()} query={query} next={next} />
      </>
    )
  },
}

function BotFilter({ query }: { query: Readonly<Record<string, string>> }) {
  const { root } = usePage()
  return (
    <form class="filter" method="get" action={root + addressOf.bots()} role="search">
      <label>
        Model <input type="text" name="model" defaultValue={query['model'] ?? ''} />
      </label>
      <label>
        Tag <input type="text" name="tag" defaultValue={query['tag'] ?? ''} />
      </label>
      <label>
        State{' '}
        <select name="state">
          <option value="">any</option>
          {BOT_STATES.map((state) => (
            <option key={state} value={state} selected={state === query['state']}>
              {state}
            </option>
          ))}
        </select>
      </label>
      <label>
        Runs release <input type="number" name="release" min={1} defaultValue={query['release'] ?? ''} />
      </label>
      <button type="submit">Show</button>
    </form>
  )
}

function NoBots({ model }: { model: Model | undefined }) {
  const { server } = usePage()
  return (
    <Empty title="No bot has polled yet">
      <p>
        A Rasa bot appears here with its first poll. In its endpoints.yml
        {model === undefined && (
          <>
            , with the name of your assistant in place of <code>MODEL</code>
          </>
        )}
        :
      </p>
      <Copy
        label="endpoints.yml of a bot"
        text={endpointsOf(server, model?.model ?? 'MODEL', model?.defaultTag ?? 'production')}
      />
      <p class="faint">
        If it runs and is not here: <code>slipway doctor</code> on its machine says why.
      </p>
    </Empty>
  )
}
