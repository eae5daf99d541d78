import { z } from 'zod'
import { modelName } from '../../../protocol/fields.ts'
import { botReadinessSchema } from '../../../protocol/bot-readiness.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** `/ready/{bot}`: what a load balancer asks. */
export function readyEndpoint(fleet: FleetView): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/ready/{bot}',
    id: 'isBotReady',
    permission: 'pull',
    target: 'query',
    summary: 'Ask whether users may be sent to a bot',
    description:
      'A bot that is about to load a release, or loads one, is not ready where its tag has a policy with `drain`. One that is not known is.',
    query: z.object({ model: modelName }),
    replies: {
      200: { description: 'It is.', schema: botReadinessSchema },
      503: { description: 'It is not.', schema: botReadinessSchema },
    },
    problems: ['invalid-parameter'],
    handle: ({ params: { bot }, query: { model } }) => {
      const readiness = fleet.readiness(model, bot)
      return Promise.resolve({ status: readiness.ready ? 200 : 503, body: readiness })
    },
  })
}
