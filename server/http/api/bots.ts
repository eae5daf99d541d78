import { z } from 'zod'
import { botDetailsSchema } from '../../../protocol/bot-details.ts'
import { botSchema } from '../../../protocol/bot.ts'
import { modelName } from '../../../protocol/fields.ts'
import { botQuerySchema, processQuerySchema } from '../../../protocol/fleet-query.ts'
import { pageSchema } from '../../../protocol/page.ts'
import { processSchema } from '../../../protocol/process.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'
import { presentEvent } from '../../events/present-event.ts'
import { keyOf } from '../../fleet/key-of.ts'

/** So many events of a bot are told with it. */
const TIMELINE = 100

const ORDER = 'by model and name'

/** `/api/v1/bots` and `/api/v1/processes`. */
export function botEndpoints(fleet: FleetView): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/bots',
      id: 'listBots',
      permission: 'read',
      target: 'models',
      summary: 'List the bots',
      query: botQuerySchema,
      replies: {
        200: {
          description: 'One page of bots, by model and name.',
          schema: pageSchema('BotPage', botSchema, ORDER),
          headers: ['Link'],
        },
      },
      problems: ['invalid-parameter'],
      handle: ({ query, canSee }) =>
        replyWithPage(
          '/api/v1/bots',
          query,
          position,
          ({ limit, cursor }) => fleet.listBots({ ...query, canSee }, { limit, ...after('bot', cursor) }),
          ({ model, bot }) => keyOf(model, bot),
          (bot) => bot,
        ),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/bots/{bot}',
      id: 'readBot',
      permission: 'read',
      target: 'query',
      summary: 'Read a bot, with its processes and what happened to it',
      query: z.object({ model: modelName, bot: unpathableName }),
      replies: { 200: { description: 'The bot.', schema: botDetailsSchema } },
      problems: ['invalid-parameter', 'bot-not-found'],
      handle: async ({ params, query: { model, bot: name = params.bot } }) => {
        const { bot, processes } = fleet.readBot(model, name)
        const events = await fleet.listBotEvents(model, name, { limit: TIMELINE })
        return { status: 200, body: { ...bot, processes, timeline: events.map(presentEvent) } }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/processes',
      id: 'listProcesses',
      permission: 'read',
      target: 'models',
      summary: 'List the processes of bots',
      query: processQuerySchema,
      replies: {
        200: {
          description: 'One page of processes, by model and name.',
          schema: pageSchema('ProcessPage', processSchema, ORDER),
          headers: ['Link'],
        },
      },
      problems: ['invalid-parameter'],
      handle: ({ query, canSee }) =>
        replyWithPage(
          '/api/v1/processes',
          query,
          position,
          ({ limit, cursor }) =>
            fleet.listProcesses({ ...query, canSee }, { limit, ...after('process', cursor) }),
          ({ model, process }) => keyOf(model, process),
          (process) => process,
        ),
    }),
  ]
}

const unpathableName = z.enum(['.', '..']).optional().meta({
  description: 'Names the bot in place of the path where it is called so, since no path can hold that.',
  example: '..',
})

/** Where a page ends: the model, and what is listed of it. */
const position = z.string().regex(/^[^\n]+\n[^]+$/)

function after<Key extends string>(key: Key, cursor: string | undefined) {
  if (cursor === undefined) return {}
  const end = cursor.indexOf('\n')
  const named = { model: cursor.slice(0, end), [key]: cursor.slice(end + 1) }
  return { cursor: named as { model: string } & Record<Key, string> }
}
