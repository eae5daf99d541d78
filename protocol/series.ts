import { z } from 'zod'
import { instant, modelName, releaseNumber, tagName } from './fields.ts'

const count = (description: string, example: number) => z.int().min(0).meta({ description, example })

const since = instant.meta({
  description:
    'Before this nothing is known: the start of this server, or a day ago. It is kept in memory, by each server for itself.',
})

const seconds = z.int().min(1).meta({ description: 'Seconds between two looks at the bots.', example: 60 })

/** How many bots of a tag ran which release, over time. */
export const tagSeriesSchema = z
  .object({
    model: modelName,
    tag: tagName,
    since,
    until: instant.meta({ description: 'When the bots were looked at last.' }),
    seconds,
    points: z
      .array(
        z.object({
          at: instant,
          releases: z
            .array(
              z.object({
                release: releaseNumber.nullable().meta({
                  description: 'null: nothing yet, an unknown release, or one of those that few run.',
                  example: 7,
                }),
                bots: count('How many bots ran it.', 41),
              }),
            )
            .meta({ description: 'Most bots first.' }),
        }),
      )
      .meta({
        description: 'Each holds until the next, the oldest first: what stayed the same is told once.',
      }),
  })
  .meta({ id: 'TagSeries', description: 'How many bots of a tag ran which release, over time.' })

/** Polls and failures over time. */
export const pollSeriesSchema = z
  .object({
    since,
    seconds,
    points: z
      .array(
        z.object({
          at: instant,
          seconds: count('How long it counted: the time since the point before.', 60),
          polls: count('Polls of bots that were answered.', 430),
          loads: count('Loads that failed, restarts while loading among them.', 0),
          transfers: count('Transfers that failed.', 0),
        }),
      )
      .meta({ description: 'What was counted until then, the oldest first.' }),
  })
  .meta({ id: 'PollSeries', description: 'Polls and failures over time, as this server saw them.' })

/** @see tagSeriesSchema */
export type TagSeries = z.infer<typeof tagSeriesSchema>
/** @see pollSeriesSchema */
export type PollSeries = z.infer<typeof pollSeriesSchema>
