import { z } from 'zod'

/** Whether users may be sent to a bot. */
export const botReadinessSchema = z
  .object({
    ready: z.boolean().meta({ description: 'Whether they may.', example: true }),
    reason: z.string().optional().meta({
      description: 'Why not, in one sentence; absent where they may.',
      example: 'pod-3 is loading release 8',
    }),
  })
  .meta({ id: 'BotReadiness', description: 'Whether users may be sent to a bot.' })
