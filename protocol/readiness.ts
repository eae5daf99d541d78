import { z } from 'zod'

/** What `/readyz` answers where pulls are answered. */
export const readinessSchema = z
  .object({
    pulls: z.literal(true).meta({ description: 'Bots get their models.', example: true }),
    writes: z.boolean().meta({
      description: 'Whether changes are taken: publishes, promotions, deletions.',
      example: true,
    }),
    code: z
      .string()
      .optional()
      .meta({ description: 'Why changes are refused, as a problem code.', example: 'catalog-unavailable' }),
    reason: z.string().optional().meta({
      description: 'The same in words.',
      example: 'The catalog takes no writes since its disk failed to store one.',
    }),
  })
  .meta({ id: 'Readiness', description: 'What the server can do now.' })

/** @see readinessSchema */
export type Readiness = z.infer<typeof readinessSchema>
