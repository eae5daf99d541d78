import { overviewQuerySchema, overviewSchema, type Overview } from '../../../protocol/overview.ts'
import type { CanSee } from '../access/rights.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { readOverview, type OverviewDependencies } from './read-overview.ts'

/** An overview this young, in milliseconds, is good enough whatever happened since: a hundred pages may ask at once. */
const YOUNG = 250
/** One this old is read anew although nothing happened: offers and silence raise no event. */
const OLD = 2_000

/** `/api/v1/overview`. */
export function overviewEndpoints(dependencies: OverviewDependencies): Endpoint[] {
  const read = shareWhileFresh(dependencies)
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/overview',
      id: 'readOverview',
      permission: 'read',
      target: 'models',
      summary: 'Read what somebody on call looks at first',
      description:
        'Each tag with how its bots are and the rollout that is under way, releases that were taken back, and damaged archives. ' +
        'It is up to two seconds old. Those who may read some models only are told of these alone.',
      query: overviewQuerySchema,
      replies: { 200: { description: 'The overview.', schema: overviewSchema } },
      problems: ['invalid-parameter', 'catalog-unavailable'],
      handle: async ({ query: { model }, canSee }) => ({
        status: 200,
        body: await read(model === undefined ? canSee : (each) => each === model && canSee(each)),
      }),
    }),
  ]
}

/** How many different views of the models are kept for those who may see some only. */
const MOST_VIEWS = 20

/** Has those who ask at the same time, and see the same models, share one overview. */
function shareWhileFresh(dependencies: OverviewDependencies): (canSee: CanSee) => Promise<Overview> {
  const views = new Map<string, { event: number; begunAt: number; overview: Promise<Overview> }>()
  return async (canSee) => {
    const event = await dependencies.catalog.lastEventSequence()
    const view = viewOf(dependencies, canSee)
    const last = views.get(view)
    const now = performance.now()
    const age = now - (last?.begunAt ?? -Infinity)
    if (last !== undefined && (age < YOUNG || (age < OLD && last.event === event))) return last.overview
    const overview = readOverview(dependencies, event, canSee)
    const reading = { event, begunAt: now, overview }
    views.delete(view)
    views.set(view, reading)
    const [oldest] = views.keys()
    if (views.size > MOST_VIEWS && oldest !== undefined) views.delete(oldest)
    overview.catch(() => {
      if (views.get(view) === reading) views.delete(view)
    })
    return overview
  }
}

/** The same for those who see the same models, of all that an overview may name: also a deleted one, whose bots are refused. */
function viewOf({ clock, current, refusedBots, view }: OverviewDependencies, canSee: CanSee): string {
  if (canSee(null)) return '*'
  const refused = refusedBots.list(clock.now()).map(({ model }) => model)
  const named = new Set([...current.models(), ...refused, ...view.listPausedModels()])
  // No name holds a line feed.
  return [...named].filter(canSee).join('\n')
}
