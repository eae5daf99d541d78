import { z } from 'zod'
import { instant } from './fields.ts'
import { warningSchema } from './warning.ts'

const names = (what: string, example: string) =>
  z
    .array(z.string())
    .optional()
    .meta({ description: `The ${what} of the domain, sorted; long lists are cut.`, example: [example] })

const inOrder = (what: string, example: string) =>
  z
    .array(z.string())
    .optional()
    .meta({
      description: `The ${what} as config.yml orders them, by class: those of Rasa by their name alone.`,
      example: [example],
    })

const summaryFields = {
  format: z
    .union([z.literal(2), z.literal(3)])
    .meta({ description: 'The layout: 3 since Rasa 3.0, 2 for Rasa 1 and 2.', example: 3 }),
  rasaVersion: z.string().optional().meta({ description: 'The Rasa that trained it.', example: '3.6.21' }),
  trainedAt: instant.optional(),
  modelId: z
    .string()
    .optional()
    .meta({ description: 'What Rasa calls the model; a bot shows it in /status.', example: '9d0f6b1c2a…' }),
  assistantId: z
    .string()
    .optional()
    .meta({ description: 'assistant_id of config.yml.', example: 'bakery-helper' }),
  language: z.string().optional().meta({ description: 'The language of the model.', example: 'en' }),
  trainingType: z
    .enum(['nlu', 'core', 'both', 'end-to-end'])
    .optional()
    .meta({ description: 'What was trained.', example: 'both' }),
  unpackedSize: z.int().meta({ description: 'Bytes after unpacking.', example: 102400 }),
  members: z.int().meta({ description: 'Files and folders in the archive.', example: 24 }),
}

const executablesSchema = z.object({
  format: z.string().meta({
    description: 'What they are: pickle, skops, hdf5, tensorflow-graph, python, native-code or script.',
    example: 'pickle',
  }),
  files: z.int().meta({ description: 'How many there are.', example: 2 }),
  first: z.array(z.string()).meta({
    description: 'The first of them.',
    example: ['components/train_SklearnPolicy0/model.pkl'],
  }),
  types: z
    .array(z.string())
    .optional()
    .meta({
      description:
        'Of skops: types that its reader would have to be told to trust; absent where they could not be read.',
      example: ['posix.system'],
    }),
})

const acceptedSchema = z.object({
  code: z.string().meta({ description: 'The code of the refusal.', example: 'archive-incomplete' }),
  message: z.string().meta({
    description: 'What was found.',
    example:
      'the archive has no folder components/train_RulePolicy0 for rasa.core.policies.rule_policy.RulePolicy: Rasa would not load it, or fail every message',
  }),
})

/** What inspection learned, without the long lists: what a list of releases shows. */
export const archiveSummarySchema = z
  .object({
    ...summaryFields,
    warnings: z
      .array(warningSchema)
      .meta({ description: 'Oddities that did not forbid publishing.', example: [] }),
    executables: z.array(executablesSchema).optional().meta({
      description: 'Files that can run code when a bot loads them, by format; absent where none were found.',
      example: [],
    }),
    accepted: z
      .array(acceptedSchema)
      .optional()
      .meta({ description: 'Refusals that the publisher overrode with `accept=`.', example: [] }),
  })
  .meta({ id: 'ArchiveSummary', description: 'What inspection learned about an archive, in short.' })

/** What inspection learned. */
export const archiveSchema = archiveSummarySchema
  .extend({
    intents: names('intents', 'birthday_cake'),
    entities: names('entities', 'bread'),
    slots: names('slots', 'bread'),
    responses: names('responses', 'utter_hello'),
    forms: names('forms', 'order_form'),
    actions: names('actions', 'action_order'),
    pipeline: inOrder('components of the pipeline', 'KeywordIntentClassifier'),
    policies: inOrder('policies', 'RulePolicy'),
    definitions: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .meta({
        description:
          'What the archive defines under the names of each list, in its order, as 8 hex digits each that change with it; ' +
          'empty for a name alone. A list of nothing but names is left out. Absent where an earlier Slipway inspected the archive.',
        example: { responses: ['5d41402a'] },
      }),
    cut: z
      .record(z.string(), z.int())
      .optional()
      .meta({ description: 'True lengths of the lists that were cut.', example: { intents: 170000 } }),
  })
  .meta({ id: 'Archive', description: 'What inspection learned about an archive.' })
