import { z } from 'zod'
import { quotaSchema } from './quota.ts'
import { signaturePolicySchema } from './signature.ts'
import { instant, modelName, releaseNumber, tagName } from './fields.ts'

/** A model: a named line of releases. */
export const modelSchema = z
  .object({
    model: modelName,
    defaultTag: tagName.meta({ description: 'The tag that a pull without a tag means.', example: 'latest' }),
    releases: z.int().meta({ description: 'How many releases it has.', example: 7 }),
    latest: releaseNumber.nullable().meta({ description: 'Where the tag latest points.', example: 7 }),
    createdAt: instant,
    signatures: signaturePolicySchema
      .nullable()
      .meta({ description: "Whose signature a publish needs; null: nobody's." }),
    quota: quotaSchema.nullable().meta({ description: 'How much it may have; null: nothing limits it.' }),
    bytes: z.int().nullable().meta({
      description: 'Bytes of its archives together, each counted once; null where it has no quota.',
      example: null,
    }),
  })
  .meta({ id: 'Model', description: 'A named line of releases.' })

/** What `PATCH` of a model takes. */
export const modelChangeSchema = z
  .strictObject({
    defaultTag: tagName.optional(),
    signatures: signaturePolicySchema.nullable().optional().meta({
      description: "Whose signature a publish needs from now on; null: nobody's.",
    }),
    quota: quotaSchema
      .nullable()
      .optional()
      .meta({ description: 'How much it may have from now on; null: nothing limits it.' }),
  })
  .refine(
    (change) => Object.keys(change).length > 0,
    'name what shall be changed: defaultTag, signatures, quota',
  )
  .meta({ id: 'ModelChange', description: 'What can be changed of a model.', minProperties: 1 })

/** @see modelSchema */
export type Model = z.infer<typeof modelSchema>
