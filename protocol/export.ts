import { z } from 'zod'
import { digest, instant, modelName, tagName } from './fields.ts'
import { pageSchema } from './page.ts'

/** How the copy of a tag's archive in a bucket stands. */
export const exportSchema = z
  .object({
    model: modelName,
    tag: tagName,
    name: z.string().meta({ description: 'The object that holds it.', example: 'production.tar.gz' }),
    digest,
    state: z.enum(['done', 'pending', 'failed']).meta({
      description: '`failed` is tried again by itself, as is `pending`; `done`: the object is this archive.',
      example: 'done',
    }),
    attempts: z.int().meta({ description: 'How often this archive was tried in vain.', example: 0 }),
    lastError: z.string().nullable().meta({ description: 'Why the last attempt failed.', example: null }),
    exportedAt: instant.nullable().meta({
      description: 'When something was put there last; null: never.',
      example: '2026-11-23T08:46:06.000Z',
    }),
  })
  .meta({ id: 'Export', description: "The copy of a tag's archive in a bucket." })

/** @see exportSchema */
export type Export = z.infer<typeof exportSchema>

/** All of them; there are few. */
export const exportsSchema = pageSchema('Exports', exportSchema)
