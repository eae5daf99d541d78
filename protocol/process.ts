import { z } from 'zod'
import { fleetFields } from './bot.ts'

/** One polling program: a Rasa worker, or a puller. */
export const processSchema = z
  .object({
    process: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .meta({
        description: 'The version-4 UUID that it drew itself, in hex.',
        example: '0f8fad5bd9cb469fa16570867728950e',
      }),
    ...fleetFields,
    loadSeconds: z.number().nullable().meta({
      description: 'Seconds from the last byte to the poll that showed what it runs; null: not seen.',
      example: 72.4,
    }),
  })
  .meta({ id: 'Process', description: 'One polling program: a Rasa worker, or a puller.' })

/** @see processSchema */
export type Process = z.infer<typeof processSchema>
