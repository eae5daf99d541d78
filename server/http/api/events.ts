import { eventPageSchema, eventQuerySchema } from '../../../protocol/event.ts'
import { ANSWERED, endpoint, type Endpoint } from './endpoint.ts'
import { SOME_MODEL } from '../../access/permission-target.ts'
import { readVisibleEvents } from './visible-events.ts'
import { presentEvent } from '../../events/present-event.ts'
import { streamEvents, type EventDependencies } from './stream-events.ts'

const DESCRIPTION = `Without \`after\` it is a stream of server-sent events (\`text/event-stream\`): each with its \`id\`, its type as \`event\` and the whole of it as JSON in \`data\`. It begins with what happens from now on, or behind \`Last-Event-ID\`. A comment every 15 s keeps proxies awake; a reader that takes nothing for 30 s is disconnected, and may go on where it was.

With \`after\` it is one page of JSON. It may have fewer events than were asked for; it is the last where \`next\` is null, and only there. Those who may read some models only are told of these alone.`

/** `/api/v1/events`. */
export function eventEndpoints(dependencies: EventDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/events',
      id: 'listEvents',
      permission: 'read',
      target: 'models',
      summary: 'Follow what happens',
      description: DESCRIPTION,
      query: eventQuerySchema,
      conditions: ['Last-Event-ID'],
      replies: { 200: { description: 'Events, the oldest first.', schema: eventPageSchema } },
      problems: ['invalid-parameter', 'overloaded', 'shutting-down'],
      handle: async ({ query: { after, limit }, request, response, isAllowed, canSee }) => {
        if (after === undefined) {
          const isStillAllowed = () => isAllowed('read', { model: SOME_MODEL })
          await streamEvents(request, response, dependencies, { isStillAllowed, canSee })
          return ANSWERED
        }
        const { items, next } = await readVisibleEvents(dependencies.events, after, limit, canSee)
        return { status: 200, body: { items: items.map(presentEvent), next } }
      },
    }),
  ]
}
