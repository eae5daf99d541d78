import { z } from 'zod'
import { releaseNumber } from './fields.ts'
import { tagWarnings } from './tag.ts'
import { policyFieldsSchema, rolloutPolicySchema } from './rollout-policy.ts'

/** What asking for a preview takes. */
export const previewRequestSchema = z
  .strictObject({
    release: releaseNumber.optional(),
    rollback: z.literal(true).optional().meta({
      description: 'A rollback: to `release`, or without it to where one leads that names none.',
      example: true,
    }),
    now: z
      .literal(true)
      .optional()
      .meta({ description: 'Of a rollback: without `maxUpdating` and `drain`.', example: true }),
    policy: policyFieldsSchema.optional(),
  })
  .refine(({ release, rollback }) => release !== undefined || rollback !== undefined, {
    error: 'say which release, or rollback',
  })
  .refine(({ now, rollback }) => now === undefined || rollback !== undefined, {
    error: 'now is for a rollback',
    path: ['now'],
  })
  .meta({
    id: 'PreviewRequest',
    description:
      'A promotion or a rollback that somebody thinks about; `policy` as for the promotion itself.',
    anyOf: [{ required: ['release'] }, { required: ['rollback'] }],
    dependentRequired: { now: ['rollback'] },
  })

const first = z
  .array(z.string())
  .meta({ description: 'Some of them by name, at most 100.', example: ['pod-3', 'pod-7'] })

function someOf(description: string) {
  const bots = z.int().min(0).meta({ description: 'How many.', example: 2 })
  return z.object({ bots, first }).meta({ description })
}

/** What a promotion would come to if it began now. */
export const rolloutPreviewSchema = z
  .object({
    from: releaseNumber.nullable().meta({
      description:
        'What bots would go back to if the promotion came to nothing; null: there is nothing else.',
      example: 7,
    }),
    to: releaseNumber,
    outcome: z.enum(['rollout', 'abort', 'unchanged']).meta({
      description:
        '`rollout`: one would begin. `abort`: the one under way would go back, since the release is what is stable. `unchanged`: nothing would happen, as the tag is there already, or the rollout under way brings it there or goes back to it.',
      example: 'rollout',
    }),
    policy: rolloutPolicySchema,
    steps: z
      .array(
        z.object({
          target: z
            .union([z.int().min(1), z.string()])
            .meta({ description: 'How many bots it has: a number, or a share.', example: '25%' }),
          bots: z.int().min(0).meta({ description: 'How many bots it would have.', example: 3 }),
          first: first.meta({
            description:
              'Some of them, where it has all bots from the start; else its beginning draws which they are, and none is named.',
            example: ['pod-3'],
          }),
        }),
      )
      .meta({
        description:
          'The steps of a rollout to it, the first one first; only `outcome` says whether one would begin.',
      }),
    lost: someOf('Bots that are silent beyond their window: no step has them.'),
    notEvidence: someOf('Bots that do not count as evidence: served, never judged.'),
    doubtful: someOf(
      'Bots that prove nothing by failing in a step before the last: pulls need no token, and others that are not in it poll from their address. The rollout would wait for a person.',
    ),
    replaces: z.string().nullable().meta({
      description: 'The rollout under way that it would replace or abort; null: none.',
      example: null,
    }),
    warnings: tagWarnings,
  })
  .meta({ id: 'RolloutPreview', description: 'What a promotion would come to if it began now.' })

/** @see rolloutPreviewSchema */
export type RolloutPreview = z.infer<typeof rolloutPreviewSchema>
