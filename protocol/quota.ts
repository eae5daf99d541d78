import { z } from 'zod'

/** How much a model may have. */
export const quotaSchema = z
  .strictObject({
    bytes: z.int().min(1).nullable().default(null).meta({
      description: 'Bytes of its archives together, each counted once; null: no limit.',
      example: 10_737_418_240,
    }),
    releases: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .meta({ description: 'How many releases; null: no limit.', example: 50 }),
  })
  .meta({
    id: 'Quota',
    description:
      'How much a model may have. What would be more is refused (`quota-exceeded`); nothing is deleted.',
  })

/** @see quotaSchema */
export type Quota = z.infer<typeof quotaSchema>
