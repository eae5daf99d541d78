import { z } from 'zod'
import { botName, botState } from './bot.ts'
import { modelName, releaseNumber, tagName } from './fields.ts'
import { pageQuerySchema } from './page.ts'

/** Which bots are asked for; what is left out does not matter. */
export const botQuerySchema = pageQuerySchema.extend({
  model: modelName.optional(),
  tag: tagName.optional(),
  state: botState.optional(),
  release: z.coerce.number().pipe(releaseNumber).optional().meta({
    description: 'Those that run this release.',
    example: 7,
  }),
})

/** Which processes are asked for. */
export const processQuerySchema = botQuerySchema.extend({ bot: botName.optional() })
