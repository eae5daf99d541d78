import { z } from 'zod'
import { instant, modelName, releaseNumber, tagName } from './fields.ts'

/** A model: a named line of releases. */
export const modelSchema = z
  .object({
    model: modelName,
    defaultTag: tagName.meta({ description: 'The tag that a pull without a tag means.', example: 'latest' }),
    releases: z.int().meta({ description: 'How many releases it has.', example: 7 }),
    latest: releaseNumber.nullable().meta({ description: 'Where the tag latest points.', example: 7 }),
    createdAt: instant,
  })
  .meta({ id: 'Model', description: 'A named line of releases.' })

/** What `PATCH` of a model takes. */
export const modelChangeSchema = z
  .strictObject({ defaultTag: tagName })
  .meta({ id: 'ModelChange', description: 'What can be changed of a model.' })

/** @see modelSchema */
export type Model = z.infer<typeof modelSchema>
