import { z } from 'zod'
import { botSchema } from '../../../protocol/bot.ts'
import { pageQuerySchema, pageSchema } from '../../../protocol/page.ts'
import { timelineSchema } from '../../../protocol/timeline.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import { findModelOrRefuse, findReleaseOrRefuse } from '../../releases/find-or-refuse.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import type { Clock } from '../../time/clock.ts'
import { endpoint, type Endpoint } from './endpoint.ts'
import { replyWithPage } from './page.ts'

export interface TimelineDependencies {
  catalog: CatalogReader
  view: FleetView
  clock: Clock
}

const timelineQuery = pageQuerySchema.extend({
  at: z.iso.datetime({ offset: true }).optional().meta({
    description: 'The moment; now without it. Each page tells of the moment of the first.',
    example: '2026-11-23T02:00:00Z',
  }),
})

/** Milliseconds since 1970, before and after, that a `Date` takes (ECMA-262 §21.4.1.1). */
const FARTHEST = 8.64e15

/** Where a page ends; all of them tell of the same moment. */
const timelinePosition = z.object({ at: z.int().min(-FARTHEST).max(FARTHEST), bot: z.string().min(1) })

/** `/api/v1/models/{model}/timeline` and `/api/v1/models/{model}/releases/{number}/bots`. */
export function timelineEndpoints({ catalog, view, clock }: TimelineDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}/timeline',
      id: 'readTimeline',
      permission: 'read',
      summary: 'Read what each bot of a model ran at a moment',
      query: timelineQuery,
      replies: {
        200: {
          description: 'One page of what each bot ran then, by name.',
          schema: timelineSchema,
          headers: ['Link'],
        },
      },
      problems: ['invalid-name', 'invalid-parameter', 'model-not-found'],
      handle: async ({ params: { model }, query }) => {
        await findModelOrRefuse(catalog, model)
        let at = query.at === undefined ? clock.now() : Date.parse(query.at)
        const reply = await replyWithPage(
          `/api/v1/models/${model}/timeline`,
          query,
          timelinePosition,
          ({ limit, cursor }) => {
            at = cursor?.at ?? at
            return view.listRunningAt(model, at, { limit, ...(cursor && { cursor: cursor.bot }) })
          },
          ({ bot }) => ({ at, bot }),
          (bot) => bot,
        )
        return { ...reply, body: { at: new Date(at).toISOString(), ...reply.body } }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}/releases/{number}/bots',
      id: 'listReleaseBots',
      permission: 'read',
      summary: 'List the bots that run a release',
      description: 'Whom it would touch if the release went.',
      query: pageQuerySchema,
      replies: {
        200: {
          description: 'One page of bots, by name.',
          schema: pageSchema('BotPage', botSchema, 'by model and name'),
          headers: ['Link'],
        },
      },
      problems: ['invalid-name', 'invalid-parameter', 'model-not-found', 'release-not-found'],
      handle: async ({ params: { model, number }, query }) => {
        await findReleaseOrRefuse(catalog, model, number)
        return replyWithPage(
          `/api/v1/models/${model}/releases/${number}/bots`,
          query,
          z.string().min(1),
          ({ limit, cursor }) =>
            view.listBots(
              { model, release: number },
              { limit, ...(cursor === undefined ? {} : { cursor: { model, bot: cursor } }) },
            ),
          ({ bot }) => bot,
          (bot) => bot,
        )
      },
    }),
  ]
}
