import { z } from 'zod'
import { modelName, releaseNumber, tagName } from './fields.ts'

const flag = (description: string) =>
  z.enum(['true', 'false']).default('false').meta({ description, example: 'true' })

/** How the deletion of a model is asked for. */
export const modelDeletionQuerySchema = z.object({
  dryRun: flag('Whether only to tell what would go, and to delete nothing.'),
  force: flag(
    'Whether to delete it also where bots run its releases, or tags other than `latest` point at them.',
  ),
})

/** What went with a model, or would go. */
export const deletedModelSchema = z
  .object({
    model: modelName,
    dryRun: z.boolean().meta({ description: 'Whether nothing was deleted.', example: true }),
    releases: z.int().meta({ description: 'How many releases it has.', example: 7 }),
    bytes: z.int().meta({
      description: 'Bytes of their archives, each counted once; what another model has too stays.',
      example: 101612,
    }),
    tags: z.array(tagName).meta({ description: 'Its tags.', example: ['latest', 'production'] }),
    bots: z.array(z.string()).meta({
      description: 'Bots that run one of its releases, by name; at most 1,000.',
      example: ['pod-3'],
    }),
    needsForce: z.boolean().meta({
      description: 'Whether it is deleted with `force=true` only, as bots run it or people made tags.',
      example: true,
    }),
    nextNumber: releaseNumber.meta({
      description: 'The number that the first release of a later model of this name gets.',
      example: 8,
    }),
  })
  .meta({ id: 'DeletedModel', description: 'What went with a model, or would go.' })

/** @see deletedModelSchema */
export type DeletedModel = z.infer<typeof deletedModelSchema>
