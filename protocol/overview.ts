import { z } from 'zod'
import { botName, botSchema, botState } from './bot.ts'
import { author, digest, instant, modelName, reason, releaseNumber, tagName } from './fields.ts'
import { rolloutSummarySchema } from './rollout.ts'
import { rollbackTo } from './tag.ts'

const count = (description: string, example: number) => z.int().min(0).meta({ description, example })

const tagOverviewSchema = z
  .object({
    model: modelName,
    tag: tagName,
    isDefault: z.boolean().meta({ description: 'Whether polls without a tag mean it.', example: true }),
    release: releaseNumber,
    movedAt: instant,
    movedBy: author,
    reason: reason.nullable().meta({ description: 'Why it was moved; null where nobody said.' }),
    bots: z
      .object({
        all: count('Bots that poll it, the lost ones among them.', 43),
        updated: count('Those that run its release.', 41),
        states: z.partialRecord(botState, z.int().min(1)).meta({
          description: 'How many are in which state; states that no bot is in are left out.',
          example: { running: 41, loading: 1, failing: 1 },
        }),
        releases: z
          .array(
            z.object({
              release: releaseNumber.nullable(),
              bots: count('How many run it.', 41),
            }),
          )
          .meta({
            description: 'What they run, the most frequent first; null: nothing yet, or an unknown release.',
            example: [{ release: 7, bots: 41 }],
          }),
      })
      .meta({ description: 'The bots that poll it.' }),
    failing: z
      .array(botSchema)
      .meta({ description: 'Some of the bots that are failing, by name; at most 10.', example: [] }),
    lost: z
      .array(botSchema)
      .meta({ description: 'The bots that were lost last, the last first; at most 10.', example: [] }),
    rollbackTo: rollbackTo.meta({
      description:
        'The release that a rollback would take that names none, told where bots are failing and no rollout is under way; null elsewhere, and where there is nothing to go back to.',
      example: null,
    }),
    rollout: rolloutSummarySchema
      .nullable()
      .meta({ description: 'The rollout that is under way; null: none.', example: null }),
  })
  .meta({ id: 'TagOverview', description: 'A tag, and how its bots are.' })

const quarantinedReleaseSchema = z
  .object({
    model: modelName,
    release: releaseNumber,
    at: instant,
    reason,
    isNewest: z.boolean().meta({
      description: 'Whether nothing was published in its model since.',
      example: true,
    }),
  })
  .meta({ id: 'QuarantinedRelease', description: 'A release that was taken back from bots.' })

const refusedBotSchema = z
  .object({
    model: modelName,
    bot: botName,
    tag: tagName,
    code: z.string().meta({
      description: 'The code of the problem that it was answered last.',
      example: 'token-required',
    }),
    refusals: z.int().min(1).meta({ description: 'How many of its polls were answered so.', example: 12 }),
    firstAt: instant,
    lastAt: instant,
  })
  .meta({
    id: 'RefusedBot',
    description:
      'A bot that polled before and gets no model since: its token ended, was revoked, or is missing, or the tag that it polls does not exist (`no-release-tagged`).',
  })

const damagedArchiveSchema = z
  .object({
    digest,
    kind: z.enum(['damaged', 'missing']).meta({ description: 'What is wrong.', example: 'damaged' }),
    damagedAt: instant,
    releases: z
      .array(z.object({ model: modelName, release: releaseNumber }))
      .meta({ description: 'The releases that have these bytes.', example: [{ model: 'shop', release: 7 }] }),
  })
  .meta({
    id: 'DamagedArchive',
    description: 'An archive that is not given out until it is published again.',
  })

/** All that a person on call looks at first. */
export const overviewSchema = z
  .object({
    at: instant,
    event: count('The id of the last event before it was read: follow the events from there.', 4711),
    models: count('How many models there are.', 2),
    tags: z.array(tagOverviewSchema).meta({
      description:
        'The tags, those with most bots first; at most 200: of more, those of models whose rollouts stand still, whose bots fail or are lost.',
    }),
    moreTags: count('Tags beyond those that are told.', 0),
    morePaused: count('Rollouts of those tags that stand still: 0 unless very many do.', 0),
    refused: z.array(refusedBotSchema).meta({
      description: 'Bots that polled before and get no model since, by name; at most 20.',
      example: [],
    }),
    quarantined: z
      .array(quarantinedReleaseSchema)
      .meta({ description: 'Releases that were taken back, the last first; at most 20.', example: [] }),
    damaged: z
      .array(damagedArchiveSchema)
      .meta({ description: 'Archives that are damaged or missing; at most 20.', example: [] }),
    moreDamaged: count('Archives that are damaged or missing, beyond those that are told.', 0),
  })
  .meta({ id: 'Overview', description: 'All that a person on call looks at first.' })

/** What narrows an overview. */
export const overviewQuerySchema = z.object({
  model: modelName.optional().meta({ description: 'Tells of this model alone.', example: 'shop' }),
})

/** @see overviewSchema */
export type Overview = z.infer<typeof overviewSchema>
/** One of its tags. */
export type TagOverview = Overview['tags'][number]
