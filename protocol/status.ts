import { z } from 'zod'
import { instant } from './fields.ts'

const statusWarningSchema = z
  .object({
    code: z
      .enum([
        ...(['disk-filling', 'uploads-refused', 'blobs-damaged'] as const),
        ...(['catalog-lost', 'blobs-unknown', 'webhook-failing', 'bots-refused'] as const),
      ])
      .meta({ description: 'What it is about.', example: 'disk-filling' }),
    message: z.string().meta({
      description: 'What is wrong and what to do.',
      example: 'The volume of DATA_DIR is 91 % full; slipway prune makes room.',
    }),
  })
  .meta({ id: 'StatusWarning', description: 'Something that somebody should look at.' })

/** @see statusWarningSchema */
export type StatusWarning = z.infer<typeof statusWarningSchema>

/** How the server is, for `slipway status`. */
export const statusSchema = z
  .object({
    version: z.string().meta({ description: "The server's version.", example: '0.1.0' }),
    startedAt: instant,
    models: z.int().meta({ description: 'How many models there are.', example: 2 }),
    storage: z.string().meta({ description: 'Where archives lie.', example: 'filesystem' }),
    freeBytes: z.int().nullable().meta({
      description: 'Bytes free for archives; null where that cannot be told.',
      example: 80530636800,
    }),
    totalBytes: z
      .int()
      .nullable()
      .meta({ description: 'Bytes of the volume that archives lie on.', example: 270582939648 }),
    transfers: z.int().meta({ description: 'Archives on their way out now.', example: 0 }),
    uploads: z.int().meta({ description: 'Archives on their way in now.', example: 0 }),
    backup: z
      .object({
        intervalSeconds: z.int().meta({ description: 'How often one is taken.', example: 86400 }),
        lastTakenAt: instant.nullable().meta({
          description: 'When the last one was taken; null: none since the start.',
          example: '2026-11-23T08:46:06.000Z',
        }),
        failures: z
          .int()
          .min(0)
          .meta({ description: 'How many have failed since the last that was taken.', example: 0 }),
      })
      .nullable()
      .meta({
        description:
          'The backups that the server takes by itself; null: none, as `SLIPWAY_BACKUP_TO` is not set.',
        example: null,
      }),
    warnings: z
      .array(statusWarningSchema)
      .meta({ description: 'What somebody should look at.', example: [] }),
  })
  .meta({ id: 'Status', description: 'How the server is.' })

/** @see statusSchema */
export type Status = z.infer<typeof statusSchema>
