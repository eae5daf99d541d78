import { z } from 'zod'
import { botName } from './bot.ts'
import { instant, modelName, tagName } from './fields.ts'
import { pageLimit } from './page.ts'

/** What can happen. */
export const eventType = z
  .enum([
    'release.published',
    'tag.moved',
    'rollout.changed',
    'bot.changed',
    'load.failed',
    'blob.damaged',
    'model.deleted',
  ])
  .meta({ description: 'What happened.', example: 'load.failed' })

/** @see eventType */
export type EventType = z.infer<typeof eventType>

/** Something that happened. */
export const eventSchema = z
  .object({
    id: z.int().min(1).meta({ description: 'Grows with every event; there may be gaps.', example: 4711 }),
    at: instant,
    type: eventType,
    model: modelName.nullable(),
    tag: tagName.nullable(),
    bot: botName.nullable(),
    process: z.string().nullable().meta({
      description: 'The process that it is about; null: none.',
      example: '0f8fad5bd9cb469fa16570867728950e',
    }),
    data: z.record(z.string(), z.unknown()).meta({
      description: 'What else is to be said of it; which fields depends on the type.',
      example: {
        kind: 'load-failed',
        release: 8,
        reason: 'attempt 3: took release 8 whole, and did not show it',
      },
    }),
  })
  .meta({ id: 'Event', description: 'Something that happened.' })

/** @see eventSchema */
export type Event = z.infer<typeof eventSchema>

/** How events are asked for as pages: the oldest first, since whoever reads them follows on. */
export const eventQuerySchema = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Only events with a higher id; 0: from the first that is kept.', example: 4711 }),
  limit: pageLimit.meta({ description: 'How many at most.', example: 100 }),
})

/** A page of events. */
export const eventPageSchema = z
  .object({
    items: z.array(eventSchema).meta({ description: 'The events, the oldest first.' }),
    next: z
      .int()
      .nullable()
      .meta({ description: 'Send it as `after` to get what follows; null: nothing has yet.', example: 4811 }),
  })
  .meta({ id: 'EventPage', description: 'One page of events.' })
