import { z } from 'zod'

/** The longest time that a policy may name, in seconds: 24 days, which a timer can still wait for (2^31 ms). */
const LONGEST = 24 * 24 * 60 * 60

const SHARE = /^(?:100|[1-9]?\d(?:\.\d{1,2})?)%$/

const share = z
  .string()
  .regex(SHARE, { error: 'must be a share such as "25%", from "0.01%" to "100%"' })
  .refine((text) => Number.parseFloat(text) > 0, { error: 'must be a share of more than "0%"' })

/** A number of bots, of which there are so many at least. */
function count(least: number) {
  const error = `must be a whole number of bots from ${least}`
  return z.int({ error }).min(least, { error })
}

function seconds(least: number, most = LONGEST) {
  const error = `must be a whole number of seconds from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const ATTEMPTS = { error: 'must be a whole number from 1 to 100' }

/** A number of bots, or a share of them as `"25%"`. */
const amountSchema = z.union([count(1), share], {
  error: 'must be a number of bots such as 1, or a share such as "25%"',
})

/** @see amountSchema */
export type Amount = z.infer<typeof amountSchema>

const probeUrl = z.string().max(2000).meta({
  description: 'What to ask; `{bot}` stands for the name of the bot.',
  example: 'http://{bot}:5005/model/parse',
})

/** A question to a bot that has loaded a release: Rasa acknowledges archives that answer nothing. */
export const probeSchema = z
  .union([
    z.strictObject({
      url: probeUrl,
      text: z.string().min(1).max(1000),
      intent: z.string().min(1).max(200),
      confidence: z.number().min(0).max(1).default(0),
    }),
    z.strictObject({ url: probeUrl, status: z.int().min(100).max(599).default(200) }),
  ])
  .meta({ id: 'Probe', description: 'A question to each bot of a step after it loaded the release.' })

/** @see probeSchema */
export type Probe = z.infer<typeof probeSchema>

/** How a release is brought out on a tag. What must hold between its fields is checked by `readPolicy`. */
export const rolloutPolicySchema = z
  .strictObject({
    steps: z
      .array(amountSchema, { error: 'must be a list of steps, such as [1, "25%", "100%"]' })
      .min(1, { error: 'has no step; the last one must be "100%"' })
      .max(20)
      .default(['100%'])
      .meta({
        description: 'Numbers of bots or shares of them, rising; the last is "100%".',
        example: [1, '25%', '100%'],
      }),
    soak: seconds(0).default(0).meta({
      description: "Seconds for which a step's bots must go on running it after the last of them loaded it.",
      example: 600,
    }),
    deadline: seconds(1).default(3600).meta({
      description:
        'Seconds without another bot of the step having loaded it after which the step is inconclusive.',
      example: 3600,
    }),
    tolerate: z
      .union([count(0), share], { error: 'must be a number of bots such as 1, or a share such as "25%"' })
      .default(0)
      .meta({ description: 'Failed bots that a step may have: number, or share rounded down.', example: 0 }),
    onFail: z
      .enum(['revert', 'pause'], { error: 'must be "revert" or "pause"' })
      .default('revert')
      .meta({ description: 'What follows a step that failed.', example: 'revert' }),
    onInconclusive: z
      .enum(['pause', 'revert', 'continue'], { error: 'must be "pause", "revert" or "continue"' })
      .default('pause')
      .meta({ description: 'What follows a step of which too little was seen.', example: 'pause' }),
    maxUpdating: amountSchema.nullable().default(null).meta({
      description: 'How many bots may load or drain at once; null: any number.',
      example: 1,
    }),
    drain: seconds(0, 3600).default(0).meta({
      description: "Seconds between telling a bot's readiness and offering it the release.",
      example: 30,
    }),
    attempts: z
      .int(ATTEMPTS)
      .min(1, ATTEMPTS)
      .max(100, ATTEMPTS)
      .default(3)
      .meta({ description: 'Failed loads of a release before a process is left alone.', example: 3 }),
    retry: seconds(1).default(3600).meta({
      description: 'Seconds until a process that was left alone is offered that release once more.',
      example: 3600,
    }),
    probes: z
      .array(probeSchema)
      .max(10)
      .default([])
      .meta({ description: 'Questions to each bot of a step after it loaded.', example: [] }),
  })
  .meta({
    id: 'RolloutPolicy',
    description: 'How a release is brought out on a tag, and when it is taken back.',
  })

/** @see rolloutPolicySchema */
export type RolloutPolicy = z.infer<typeof rolloutPolicySchema>

/**
 * A policy as it is sent: fields that are missing, or mistaken, are for the server to judge, since it says of each what is
 * wrong (`policy-invalid`).
 */
export const policyFieldsSchema = z
  // A record would drop the key `__proto__` without a word, and what is unknown is to be refused.
  .unknown()
  .refine(isObject, { error: 'Invalid input: expected an object' })
  .meta({
    id: 'RolloutPolicyFields',
    type: 'object',
    propertyNames: { type: 'string' },
    additionalProperties: {},
    description: 'Fields of a RolloutPolicy.',
    example: { steps: [1, '25%', '100%'], soak: 600 },
  }) as z.ZodType<Record<string, unknown>>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @see policyFieldsSchema */
export type PolicyFields = z.infer<typeof policyFieldsSchema>

/** What everyone has without asking: the tag moves at once. */
export const IMMEDIATE: RolloutPolicy = rolloutPolicySchema.parse({})
