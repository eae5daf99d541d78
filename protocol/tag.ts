import { z } from 'zod'
import { pageSchema } from './page.ts'
import { warningSchema } from './warning.ts'
import { policyFieldsSchema, rolloutPolicySchema } from './rollout-policy.ts'
import { tagRolloutSchema } from './rollout.ts'
import { author, digest, instant, modelName, reason, releaseNumber, tagName } from './fields.ts'

/** Where a tag points, and since when. */
export const tagSchema = z
  .object({
    model: modelName,
    tag: tagName,
    release: releaseNumber,
    digest,
    movedAt: instant,
    movedBy: author,
    reason: reason.nullable().meta({
      description: 'Why it was moved; null where nobody said.',
      example: 'the new model answers nothing',
    }),
    policy: rolloutPolicySchema.meta({
      description: 'How its releases are brought out; the default where nobody said.',
    }),
    rollout: tagRolloutSchema
      .nullable()
      .meta({ description: 'The rollout that is under way; null: none.', example: null }),
  })
  .meta({ id: 'Tag', description: 'A named pointer of a model to one of its releases.' })

/** What moved tags may be warned of. */
export const tagWarnings = z
  .array(warningSchema)
  .optional()
  .meta({
    description:
      'What to look at: `rasa-older` where an older Rasa trained the release than the one before, `release-quarantined` where it was taken back before, `goes-back` where bots that run the release before it go back to an older one until the last step, `rollout-replaced` where a publish ended or aborted a rollout that somebody may be waiting for, `rollout-paused` where nothing changes and the rollout of the release is paused. `skips-steps` where a rollback to a newer release takes none of the steps of the policy. Of a rollback that names no release: `further-back` where the release before was taken back or rolled back already, `undoes-rollback` where the last that happened was a rollback from the release that it leads to, `passed-over` where it goes beyond a release that not all bots were seen running. Absent where nothing is.',
    example: [
      {
        code: 'rasa-older',
        message:
          'shop@production: release 8 was trained by Rasa 2.8.34, and release 7 before it by Rasa 3.6.21; bots that run Rasa 3.6.21 may not load it',
      },
    ],
  })

/** A tag that was just moved. */
export const movedTagSchema = tagSchema
  .extend({
    from: releaseNumber.nullable().meta({
      description: 'The release that it pointed at before this request; null: none.',
      example: 6,
    }),
    warnings: tagWarnings,
    aborted: releaseNumber.optional().meta({
      description:
        'The release whose rollout was aborted by this, as it led back to what was stable. Absent: there was none.',
      example: 7,
    }),
    replaced: releaseNumber.optional().meta({
      description:
        'The release whose rollout was replaced by this, though it had not brought its release to all bots at once, was paused, or brought bots back. Absent: there was none.',
      example: 7,
    }),
  })
  .meta({ id: 'MovedTag', description: 'A tag, and what to look at after it moved.' })

const force = z.boolean().optional().meta({
  description: 'Also to a release that was taken back from bots before; it is like any other from then on.',
  example: false,
})

/** What `PUT` of a tag takes. */
export const tagChangeSchema = z
  .strictObject({
    release: releaseNumber,
    reason: reason.optional(),
    policy: policyFieldsSchema.optional(),
    force,
  })
  .meta({
    id: 'TagChange',
    description:
      'Where a tag shall point. With `policy` this promotion is brought out so; what it leaves out is as the tag has it.',
  })

/** What `PATCH` of a tag takes. */
export const tagPolicyChangeSchema = z
  .strictObject({
    policy: policyFieldsSchema.nullable().meta({
      description: 'Fields of a RolloutPolicy; null: the default.',
      example: { steps: [1, '25%', '100%'], soak: 600 },
    }),
  })
  .meta({
    id: 'TagPolicyChange',
    description:
      "How a tag's releases shall be brought out: what is left out gets its default; null: immediately.",
  })

/** What a rollback takes; without a release, the tag goes back to where it was before. */
export const rollbackSchema = z
  .strictObject({
    release: releaseNumber.optional(),
    reason: reason.optional(),
    force,
    now: z
      .boolean()
      .optional()
      .meta({ description: 'All bots at once, without `maxUpdating` and `drain`.', example: true }),
  })
  .meta({ id: 'Rollback', description: 'How far to go back, why, and how fast.' })

/** One move of a tag. */
export const tagMoveSchema = z
  .object({
    model: modelName,
    tag: tagName,
    from: releaseNumber
      .nullable()
      .meta({ description: 'Where it pointed before; null: nowhere.', example: 6 }),
    to: releaseNumber
      .nullable()
      .meta({ description: 'Where it has pointed since; null: deleted.', example: 7 }),
    movedAt: instant,
    movedBy: author,
    reason: reason.nullable().meta({
      description: 'Why it was moved; null where nobody said.',
      example: 'the new model answers nothing',
    }),
  })
  .meta({ id: 'TagMove', description: 'One move of a tag.' })

/** Where a rollback leads. */
export const rollbackTo = releaseNumber.nullable().meta({
  description:
    'The release that a rollback would take that names none; null: there is nothing to go back to.',
  example: 6,
})

/** The moves of a tag. */
export const tagHistorySchema = pageSchema('TagMoves', tagMoveSchema)
  .extend({ rollbackTo })
  .meta({ id: 'TagMovePage', description: 'One page of the moves of a tag, and where a rollback leads.' })

/** @see tagHistorySchema */
export type TagHistory = z.infer<typeof tagHistorySchema>
/** @see tagSchema */
export type Tag = z.infer<typeof tagSchema>
/** @see tagMoveSchema */
export type TagMove = z.infer<typeof tagMoveSchema>
/** @see movedTagSchema */
export type MovedTag = z.infer<typeof movedTagSchema>
