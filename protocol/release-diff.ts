import { z } from 'zod'
import { modelName, releaseNumber } from './fields.ts'
import { warningSchema } from './warning.ts'

const value = z.union([z.string(), z.number()]).nullable()

const namesSchema = (description: string, example: string[]) =>
  z.array(z.string()).meta({ description, example })

const count = z.int().nullable()

const listSchema = z
  .object({
    compared: z.enum(['whole', 'part', 'none']).meta({
      description:
        'whole: all names were compared. part: only the first names, since a list was too long to keep. ' +
        'none: one of the archives does not say what it has, as those of Rasa 2 of their pipeline.',
      example: 'whole',
    }),
    from: count.meta({ description: 'How many names the first one has; null: unknown.', example: 12 }),
    to: count.meta({ description: 'How many names the second one has; null: unknown.', example: 13 }),
    added: namesSchema('Names that only the second one has.', ['birthday_cake']),
    removed: namesSchema(
      'Names that only the first one has. A component that is used several times is `Name (2)` from the second on.',
      [],
    ),
    changed: namesSchema('Names in both that are defined otherwise.', ['utter_hello'])
      .nullable()
      .meta({
        description:
          'Names in both that are defined otherwise; null: unknown, since an earlier Slipway inspected one of them.',
        example: ['utter_hello'],
      }),
    isReordered: z.boolean().meta({
      description: 'Whether what is in both has another order; only the pipeline and the policies have one.',
      example: false,
    }),
    definitions: z
      .record(
        z.string(),
        z.object({
          before: z.string().meta({ description: 'Of the first release.', example: '- text: Hello' }),
          after: z.string().meta({ description: 'Of the second release.', example: '- text: Good morning' }),
        }),
      )
      .optional()
      .meta({
        description:
          'With `definitions=true`: the definitions under the names in `changed`, as text in the layout of YAML, to be compared line by ' +
          'line. Each is cut at 2,000 characters; of many, those that do not fit into 256 KiB are left out.',
        example: { utter_hello: { before: '- text: Hello', after: '- text: Good morning' } },
      }),
  })
  .meta({ id: 'ListDifference', description: 'What differs between a list of two archives.' })

/** How a comparison is asked for. */
export const releaseDiffQuerySchema = z.object({
  definitions: z.enum(['true', 'false']).default('false').meta({
    description:
      'Whether to read both archives again, for the old and the new text of what was changed: it takes as long as unpacking them.',
    example: 'true',
  }),
})

/** What differs between two releases of a model. */
export const releaseDiffSchema = z
  .object({
    model: modelName,
    from: releaseNumber,
    to: releaseNumber,
    isSame: z.boolean().meta({ description: 'Whether both are the same bytes.', example: false }),
    values: z
      .record(
        z.string(),
        z.object({
          from: value.meta({ description: 'Of the first release; null: it has none.', example: '3.6.20' }),
          to: value.meta({ description: 'Of the second release; null: it has none.', example: '3.6.21' }),
        }),
      )
      .meta({
        description:
          'The values that differ: rasaVersion, language, format, trainingType, assistantId, size, unpackedSize, members.',
        example: { rasaVersion: { from: '3.6.20', to: '3.6.21' } },
      }),
    lists: z
      .object({
        intents: listSchema,
        entities: listSchema,
        slots: listSchema,
        responses: listSchema,
        forms: listSchema,
        actions: listSchema,
        pipeline: listSchema,
        policies: listSchema,
      })
      .meta({ description: 'What the domain and config.yml name.' }),
    definitionsUnread: z.string().optional().meta({
      description:
        'With `definitions=true`: why the old and the new text are not told; absent where they are.',
      example: 'release 7 has more than 500 MB',
    }),
    warnings: z
      .object({
        added: z.array(warningSchema).meta({ description: 'Warnings of the second one alone.', example: [] }),
        removed: z
          .array(warningSchema)
          .meta({ description: 'Warnings of the first one alone.', example: [] }),
      })
      .meta({
        description: 'What is odd, slow to load, or needs more than the archive, with one of them alone.',
      }),
  })
  .meta({ id: 'ReleaseDiff', description: 'What differs between two releases of a model.' })

/** @see releaseDiffSchema */
export type ReleaseDiff = z.infer<typeof releaseDiffSchema>
