import { overviewSchema, type Overview } from '../../../protocol/overview.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { readOverview, type OverviewDependencies } from './read-overview.ts'

/** An overview this young, in milliseconds, is good enough whatever happened since: a hundred pages may ask at once. */
const YOUNG = 250
/** One this old is read anew although nothing happened: offers and silence raise no event. */
const OLD = 2_000

/** `/api/v1/overview`. */
export function overviewEndpoints(dependencies: OverviewDependencies): Endpoint[] {
  const read = shareWhileYoung(dependencies)
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/overview',
      id: 'readOverview',
      permission: 'read',
      summary: 'Read what somebody on call looks at first',
      description:
        'Each tag with how its bots are and the rollout that is under way, releases that were taken back, and damaged archives. ' +
        'It is up to two seconds old.',
      replies: { 200: { description: 'The overview.', schema: overviewSchema } },
      problems: ['catalog-unavailable'],
      handle: async () => ({ status: 200, body: await read() }),
    }),
  ]
}

/** Has those who ask at the same time share one overview. */
function shareWhileYoung(dependencies: OverviewDependencies): () => Promise<Overview> {
  let last: { event: number; begunAt: number; overview: Promise<Overview> } | undefined
  return async () => {
    const event = await dependencies.catalog.lastEventSequence()
    const now = performance.now()
    const age = now - (last?.begunAt ?? -Infinity)
    if (last !== undefined && (age < YOUNG || (age < OLD && last.event === event))) return last.overview
    const overview = readOverview(dependencies, event)
    const reading = { event, begunAt: now, overview }
    last = reading
    overview.catch(() => {
      if (last === reading) last = undefined
    })
    return overview
  }
}
