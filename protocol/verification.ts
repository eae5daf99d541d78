import { z } from 'zod'
import { digest, instant } from './fields.ts'

const slice = z
  .strictObject({
    part: z.int().min(1).meta({ description: 'Which part, from 1.', example: 1 }),
    of: z.int().min(1).max(1000).meta({ description: 'How many parts there are.', example: 7 }),
  })
  .refine(({ part, of }) => part <= of, { error: 'part must not be greater than of' })
  .meta({ id: 'VerificationSlice', description: 'One of equal parts of all archives.' })

/** What beginning a verification takes. */
export const verificationRequestSchema = z
  .strictObject({ slice: slice.optional() })
  .meta({ id: 'VerificationRequest', description: 'Which archives to hash; without a slice, all.' })

const runSchema = z
  .object({
    state: z.enum(['running', 'done', 'stopped']).meta({ description: 'How it stands.', example: 'done' }),
    slice,
    begunAt: instant,
    endedAt: instant.nullable(),
    blobs: z.int().meta({ description: 'Archives hashed so far.', example: 42 }),
    bytes: z.int().meta({ description: 'Bytes hashed so far.', example: 1048576000 }),
    findings: z
      .array(
        z.object({
          digest,
          outcome: z.enum(['sound', 'damaged', 'missing', 'unreadable']).meta({
            description: 'unreadable: the storage failed, which says nothing of the archive.',
            example: 'damaged',
          }),
        }),
      )
      .meta({ description: 'What was not sound, at most 1,000.', example: [] }),
  })
  .meta({ id: 'VerificationRun', description: 'A verification that somebody asked for.' })

/** How the verification of stored archives stands. */
export const verificationSchema = z
  .object({
    run: runSchema
      .nullable()
      .meta({ description: 'The last that was asked for since the start; null: none.' }),
    scrub: z
      .object({
        begunAt: instant,
        completedAt: instant.nullable().meta({
          description: 'When every archive was hashed last; null: not yet.',
          example: '2026-11-23T08:46:06.000Z',
        }),
        remainingBlobs: z
          .int()
          .meta({ description: 'Archives still to be hashed in this round.', example: 12 }),
      })
      .nullable()
      .meta({
        description: 'The round of the scrubber, which hashes everything within 7 days; null: none yet.',
      }),
    damaged: z
      .array(
        z.object({
          digest,
          kind: z.enum(['damaged', 'missing']).meta({ description: 'What is wrong.', example: 'damaged' }),
          damagedAt: instant,
        }),
      )
      .meta({ description: 'Archives that are not given out until they are published again.', example: [] }),
  })
  .meta({ id: 'Verification', description: 'How the verification of stored archives stands.' })

/** @see verificationSchema */
export type Verification = z.infer<typeof verificationSchema>
