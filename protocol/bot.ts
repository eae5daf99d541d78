import { z } from 'zod'
import { BOT_STATES } from './bot-states.ts'
import { digest, instant, modelName, releaseNumber, tagName } from './fields.ts'

/** What a bot or process is doing, the worst first. */
export const botState = z.enum(BOT_STATES).meta({
  description: 'What it is doing, as its polls tell; the worst of its processes.',
  example: 'running',
})

/** What betrays something between a bot and the server. */
export const botHint = z
  .enum([
    'etag-rewritten',
    'compressed-on-the-way',
    'condition-stripped',
    'buffered-on-the-way',
    'not-rasa',
    'shared-name',
  ])
  .meta({ description: 'What something between the bot and the server does.', example: 'etag-rewritten' })

/** Characters, not UTF-16 units: an emoji is one. */
const LONGEST_NAME = 128
const WITHIN_LENGTH = new RegExp(`^.{0,${LONGEST_NAME}}$`, 'su')

export const botName = z
  .string()
  .min(1)
  .refine((text) => WITHIN_LENGTH.test(text), {
    error: `a bot's name has at most ${LONGEST_NAME} characters`,
  })
  .meta({
    description: 'Its `instance`, else the name of its token, else its address.',
    example: 'pod-3',
    maxLength: LONGEST_NAME,
  })

/** What bots and processes have in common. */
export const fleetFields = {
  bot: botName,
  model: modelName,
  tag: tagName,
  state: botState,
  release: releaseNumber.nullable().meta({
    description:
      'The release that it runs; of several with the same bytes the one that its tag leads to, else the newest. null: none, or one that the model does not have.',
    example: 7,
  }),
  digest: digest.nullable().meta({
    description: 'The digest of what it runs; null: it has loaded nothing.',
    example: 'a'.repeat(64),
  }),
  since: instant,
  lastSeen: instant,
  firstSeen: instant,
  interval: z
    .number()
    .nullable()
    .meta({ description: 'Seconds between its polls, as learned; null: not known yet.', example: 100 }),
  offered: z
    .object({
      release: releaseNumber,
      at: instant,
      sentAt: instant
        .nullable()
        .meta({ description: 'When its last byte had gone; null: it is being sent.', example: null }),
      attempt: z.int().min(1).meta({ description: 'Which attempt at this release it is.', example: 1 }),
    })
    .nullable()
    .meta({ description: 'The offer under way; null: none.', example: null }),
  failures: z
    .object({
      release: releaseNumber,
      loads: z.int().min(0).meta({ description: 'Failed loads.', example: 3 }),
      transfers: z.int().min(0).meta({ description: 'Failed transfers.', example: 0 }),
      restarts: z.int().min(0).meta({ description: 'Restarts while loading.', example: 0 }),
      reason: z.string().meta({
        description: 'What was seen last, in one sentence.',
        example: 'attempt 3: took release 8 whole, and did not show it 12 s later',
      }),
    })
    .nullable()
    .meta({
      description: 'What went wrong with the release it failed at last; null: nothing.',
      example: null,
    }),
  hints: z.array(botHint).meta({ description: 'What stands between it and the server.', example: [] }),
}

/** A bot: the processes that share a name within a model. */
export const botSchema = z
  .object({
    ...fleetFields,
    processes: z.int().min(1).meta({ description: 'How many processes it has.', example: 2 }),
  })
  .meta({ id: 'Bot', description: 'A bot: the processes that share a name within a model.' })

/** @see botSchema */
export type Bot = z.infer<typeof botSchema>
