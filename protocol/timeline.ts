import { z } from 'zod'
import { botName } from './bot.ts'
import { digest, instant, releaseNumber, tagName } from './fields.ts'

/** What one bot ran at some moment. */
export const runningBotSchema = z
  .object({
    bot: botName,
    tag: tagName.nullable(),
    release: releaseNumber
      .nullable()
      .meta({ description: 'The release that it ran; null: one that the model does not have.', example: 7 }),
    digest: digest.nullable(),
    since: instant,
  })
  .meta({ id: 'RunningBot', description: 'What one bot ran at some moment.' })

/** One page of what each bot of a model ran at some moment. */
export const timelineSchema = z
  .object({
    at: instant,
    items: z.array(runningBotSchema).meta({ description: 'Each bot that was heard of, by name.' }),
    next: z
      .string()
      .nullable()
      .meta({ description: 'The cursor of the next page; null on the last.', example: null }),
  })
  .meta({ id: 'Timeline', description: 'One page of what each bot of a model ran at some moment.' })

/** @see runningBotSchema */
export type RunningBot = z.infer<typeof runningBotSchema>

/** @see timelineSchema */
export type Timeline = z.infer<typeof timelineSchema>
