import { z } from 'zod'
import { fleetFields } from './bot.ts'
import { eventSchema } from './event.ts'
import { processSchema } from './process.ts'

/** A bot with its processes and what happened to it. */
export const botDetailsSchema = z
  .object({
    ...fleetFields,
    processes: z.array(processSchema).meta({
      description: 'Its processes, those that are gone among them; of more than 1,000 those heard last.',
    }),
    timeline: z.array(eventSchema).meta({ description: 'What happened to it, the last first; at most 100.' }),
  })
  .meta({ id: 'BotDetails', description: 'A bot with its processes and what happened to it.' })

/** @see botDetailsSchema */
export type BotDetails = z.infer<typeof botDetailsSchema>
