import { z } from 'zod'
import { instant } from './fields.ts'

const statusWarningSchema = z
  .object({
    code: z
      .enum([
        ...(['disk-filling', 'uploads-refused', 'changes-refused', 'blobs-damaged'] as const),
        ...(['catalog-lost', 'blobs-unknown', 'webhook-failing', 'bots-refused'] as const),
        ...(['bots-without-tag', 'bots-untracked', 'events-dropped'] as const),
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

const serverSchema = z
  .object({
    id: z
      .string()
      .meta({ description: 'Drawn at its start.', example: '5f0c9c2e-6d0b-4a49-9a55-3e1f4b7e2c11' }),
    host: z.string().meta({ description: 'The name of its machine.', example: 'slipway-1' }),
    address: z.string().meta({ description: 'Where it listens; empty: not yet.', example: '0.0.0.0:5080' }),
    version: z.string().meta({ description: 'Its version.', example: '0.1.0' }),
    state: z
      .enum(['running', 'silent'])
      .meta({ description: '`silent`: not heard of for 15 seconds.', example: 'running' }),
    startedAt: instant,
    lastSeenAt: instant,
    behindSeconds: z.number().min(0).meta({
      description:
        'How long ago what it knows was compared with the database; beyond 5 it sends no running bot another archive.',
      example: 0.4,
    }),
    keepsHouse: z.boolean().meta({
      description:
        'Whether it does what one does for all: judges rollouts, prunes, sweeps, scrubs, sends to webhooks.',
      example: true,
    }),
    isThis: z.boolean().meta({ description: 'Whether it is the one that answers.', example: true }),
  })
  .meta({ id: 'Server', description: 'A server of those that share a database.' })

/** @see serverSchema */
export type ServerStatus = z.infer<typeof serverSchema>

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
    servers: z
      .array(serverSchema)
      .nullable()
      .meta({
        description:
          'The servers that share the database (`DATABASE_URL`), the one that began first before the others; empty where the ' +
          'catalog is in a file; null: the database does not answer.',
        example: [],
      }),
    warnings: z
      .array(statusWarningSchema)
      .meta({ description: 'What somebody should look at.', example: [] }),
  })
  .meta({ id: 'Status', description: 'How the server is.' })

/** @see statusSchema */
export type Status = z.infer<typeof statusSchema>
