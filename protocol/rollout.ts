import { z } from 'zod'
import { author, instant, modelName, reason, releaseNumber, tagName } from './fields.ts'
import { rolloutPolicySchema } from './rollout-policy.ts'

export const rolloutState = z
  .enum(['running', 'paused', 'reverting', 'done', 'reverted', 'aborted', 'replaced'])
  .meta({ description: 'Where the rollout is; the last four have ended.', example: 'running' })

const count = (description: string, example: number) => z.int().min(0).meta({ description, example })

/** One step of a rollout, without the names of its bots, of which there may be thousands. */
const rolloutStepSummarySchema = z
  .object({
    target: z
      .union([z.int().min(1), z.string()])
      .meta({ description: 'How many bots it has: a number, or a share.', example: '25%' }),
    bots: count('How many bots it has, or would have if it began now.', 3),
    state: z
      .enum(['waiting', 'running', 'passed', 'failed', 'inconclusive'])
      .meta({ description: 'What was found; `waiting` before it begins.', example: 'passed' }),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    // Older servers do not tell these, and commands understand them all the same.
    failing: count(
      'Bots of it that were left alone after failures, without those that were passed over in a step before. Only of the step under way; 0 of others.',
      0,
    ).optional(),
    soakedUntil: instant
      .nullable()
      .optional()
      .meta({
        description:
          'When it will have soaked for as long as the policy asks: all its bots run the release, and one that begins anew has the soak begin anew. ' +
          'Past: only the next poll of each is waited for. null: it does not soak.',
        example: null,
      }),
  })
  .meta({ id: 'RolloutStepSummary', description: 'One step of a rollout in a list.' })

/** One step of a rollout. */
const rolloutStepSchema = rolloutStepSummarySchema
  .extend({
    members: z.array(z.string()).meta({
      description:
        'Its bots, frozen when it began. Empty where all bots of the tag get the release at once, without a limit: `bots` counts them.',
      example: ['pod-3'],
    }),
  })
  .meta({ id: 'RolloutStep', description: 'One step of a rollout.' })

const rolloutId = z.string().meta({ description: 'Names the rollout.', example: '42' })

/** A rollout in a list. */
export const rolloutSummarySchema = z
  .object({
    id: rolloutId,
    model: modelName,
    tag: tagName,
    from: releaseNumber
      .nullable()
      .meta({ description: 'The release that is stable; null: the tag did not exist.', example: 7 }),
    to: releaseNumber,
    state: rolloutState,
    step: z.int().min(0).meta({ description: 'Which step is under way, from 0.', example: 0 }),
    steps: z.array(rolloutStepSummarySchema).meta({ description: 'Its steps, the first one first.' }),
    counts: z
      .object({
        bots: count('Bots of the tag that count as evidence.', 10),
        updated: count('Those that run the release.', 3),
        loading: count('Those that are loading it.', 1),
        failing: count('Those that were left alone after failures.', 0),
        waiting: count('Those that were not offered it yet.', 6),
        lost: count('Those that are silent beyond their window.', 0),
      })
      .meta({ description: 'How far its bots are; of one that has ended, as it was then.' }),
    policy: rolloutPolicySchema,
    reason: reason.nullable().meta({
      description: 'Why it is where it is, in one sentence with its evidence; null: nothing to say.',
      example:
        '2 of 3 bots could not load release 8 (pod-3: 3 failed loads; pod-7: 3 failed loads), 0 run it: back to 7',
    }),
    startedAt: instant,
    startedBy: author,
    startReason: reason.nullable().meta({
      description: 'Why it was begun, in the words of who did; null where nobody said.',
      example: 'passed the smoke test',
    }),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'RolloutSummary', description: 'A rollout in a list.' })

/** How a promotion reaches the bots of a tag. */
export const rolloutSchema = rolloutSummarySchema
  .extend({
    steps: z.array(rolloutStepSchema).meta({ description: 'Its steps, the first one first.' }),
  })
  .meta({ id: 'Rollout', description: 'How a promotion reaches the bots of a tag.' })

/** What a tag says of its rollout. */
export const tagRolloutSchema = z
  .object({
    id: rolloutId,
    state: rolloutState,
    step: z.int().min(0).meta({ description: 'Which step is under way, from 0.', example: 0 }),
    to: releaseNumber,
  })
  .meta({ id: 'TagRollout', description: 'The rollout of a tag that is under way.' })

/** What steering a rollout takes. */
export const steeringSchema = z
  .strictObject({ reason: reason.optional() })
  .meta({ id: 'Steering', description: 'Why somebody steers a rollout.' })

/** What steering the step of a rollout that is under way takes. */
export const stepSteeringSchema = z
  .strictObject({
    reason: reason.optional(),
    step: z.int().min(0).max(1_000).optional().meta({
      description:
        'The step that is meant, from 0: where another one is under way by now, nothing is done (409).',
      example: 0,
    }),
  })
  .meta({ id: 'StepSteering', description: 'Why somebody steers the step of a rollout, and which step.' })

/** What aborting a rollout takes. */
export const abortSchema = z
  .strictObject({
    reason: reason.optional(),
    now: z
      .boolean()
      .optional()
      .meta({ description: 'Takes it back without `maxUpdating` and `drain`.', example: true }),
  })
  .meta({ id: 'Abort', description: 'Why a rollout is aborted, and how fast it goes back.' })

/** @see rolloutSummarySchema */
export type RolloutSummary = z.infer<typeof rolloutSummarySchema>

/** @see rolloutSchema */
export type Rollout = z.infer<typeof rolloutSchema>

/** @see tagRolloutSchema */
export type TagRollout = z.infer<typeof tagRolloutSchema>
