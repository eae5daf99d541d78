import { z } from 'zod'
import { NAME_RULE, isName } from './names.ts'

/** The fields that several schemas share. */

export const modelName = z.string().refine(isName, { error: NAME_RULE }).meta({
  description: 'The name of a model.',
  example: 'shop',
  pattern: '^(?!.*\\.tar\\.gz$)[a-z0-9][a-z0-9._-]{0,63}$',
})

export const tagName = z.string().refine(isName, { error: NAME_RULE }).meta({
  description: 'The name of a tag.',
  example: 'production',
  pattern: '^(?!.*\\.tar\\.gz$)[a-z0-9][a-z0-9._-]{0,63}$',
})

export const releaseNumber = z
  .int()
  .min(1)
  .meta({ description: 'The number of a release: 1, 2, 3 … in its model, never given twice.', example: 7 })

export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({
    description: 'The SHA-256 of the archive in lower-case hex.',
    example: '6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab',
  })

export const instant = z.iso
  .datetime()
  .meta({ description: 'A moment in UTC (ISO 8601).', example: '2026-11-23T08:46:06.000Z' })

export const author = z.string().meta({
  description: 'Who did it: a name of a token, `anonymous`, `inbox` or `import`.',
  example: 'publish',
})

export const reason = z
  .string()
  .max(1000)
  .meta({ description: 'Why, in the words of who did it.', example: 'the new model answers nothing' })

export const notes = z.string().max(10_000).meta({
  description: 'Anything worth knowing about the release.',
  example: 'adds the intent birthday_cake',
})
