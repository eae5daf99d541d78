import { z } from 'zod'
import { author, instant } from './fields.ts'
import { GRANT_PATTERN, GRANT_RULE, MOST_GRANTS, parseGrant } from './grant.ts'
import { isName, NAME_RULE } from './names.ts'

/** What stands as author where no token of somebody's own was sent. */
const RESERVED_NAMES = ['anonymous', 'pull-token', 'publish-token', 'inbox', 'import', 'slipway']

const RESERVED_RULE = `${RESERVED_NAMES.join(', ')} name something else already`

/** The name of a token. */
export const tokenName = z
  .string()
  .refine(isName, { error: NAME_RULE })
  .refine((name) => !RESERVED_NAMES.includes(name), { error: RESERVED_RULE })
  .meta({
    description: 'The name of a token: what stands as author with all that it does.',
    example: 'ci-support',
    pattern: `^(?!.*\\.tar\\.gz$)(?!(?:${RESERVED_NAMES.join('|')})$)[a-z0-9][a-z0-9._-]{0,63}$`,
  })

const grant = z
  .string()
  .refine((text) => parseGrant(text) !== undefined, { error: `expected ${GRANT_RULE}` })
  .meta({
    description: `One thing that the token allows: ${GRANT_RULE}.`,
    example: 'promote:*@staging',
    pattern: GRANT_PATTERN.source,
  })

const YEAR = 365 * 24 * 60 * 60

const expiresIn = z
  .int()
  .min(1)
  .max(10 * YEAR)
  .nullable()
  .meta({ description: 'Seconds until it expires; null: never.', example: 7_776_000 })

/** What a new token shall be. */
export const tokenRequestSchema = z
  .strictObject({
    name: tokenName,
    allow: z
      .array(grant)
      .min(1)
      .max(MOST_GRANTS)
      .meta({ description: 'What it allows.', example: ['publish:support-*', 'promote:*@staging'] }),
    expiresIn: expiresIn.optional(),
    closesPulls: z.boolean().default(false).meta({
      description:
        'Says that bots without a token may be refused from now on, as the first token that allows `pull` does where pulls are open.',
      example: false,
    }),
  })
  .meta({
    id: 'TokenRequest',
    description: 'What a new token shall be; without `expiresIn` it never expires.',
  })

/** How a token shall be replaced. */
export const tokenRotationSchema = z
  .strictObject({
    overlap: z
      .int()
      .min(0)
      .max(YEAR)
      .default(24 * 60 * 60)
      .meta({
        description: 'Seconds for which the token before stays good beside its successor.',
        example: 86_400,
      }),
    expiresIn: expiresIn.optional(),
  })
  .meta({
    id: 'TokenRotation',
    description:
      'How a token shall be replaced; without `expiresIn` the new one is good for as long as the one before was.',
  })

export const tokenState = z.enum(['active', 'replaced', 'expired', 'revoked']).meta({
  description: 'Whether it opens anything: `replaced` still does, until `expiresAt`.',
  example: 'active',
})

/** A token, without what only its holder knows. */
export const tokenSchema = z
  .object({
    id: z.int().min(1).meta({ description: 'Grows with every token.', example: 3 }),
    name: z.string().meta({ description: 'What it is called.', example: 'ci-support' }),
    state: tokenState,
    allow: z
      .array(z.string())
      .meta({ description: 'What it allows.', example: ['publish:support-*', 'promote:*@staging'] }),
    subject: z.string().nullable().meta({
      description:
        'Whom it was issued to, where another system vouches for that; null: whoever was given it.',
      example: null,
    }),
    publishers: z.array(z.string()).meta({
      description: 'The trusted publishers that it was issued for, all that matched; none: somebody made it.',
      example: [],
    }),
    createdAt: instant,
    createdBy: author,
    expiresAt: instant.nullable().meta({ description: 'From when on it opens nothing; null: never.' }),
    revokedAt: instant.nullable().meta({ description: 'When it was revoked; null: it was not.' }),
    revokedBy: author.nullable().meta({ description: 'Who revoked it; null: nobody.' }),
    successor: z.int().nullable().meta({
      description: 'The id of the token that takes its place; null: none.',
      example: null,
    }),
    lastUsedAt: instant
      .nullable()
      .meta({ description: 'When it was last used, to the minute; null: never.' }),
  })
  .meta({ id: 'Token', description: 'A token, without the secret that only its holder knows.' })

/** A token that was just made. */
export const madeTokenSchema = tokenSchema
  .extend({
    secret: z.string().meta({
      description: 'The token itself. It is shown this once: only its SHA-256 is kept.',
      example: 'slipway_…',
    }),
  })
  .meta({ id: 'MadeToken', description: 'A token that was just made, with its secret.' })

/** What the revoked tokens took with them, where they were the last. */
export const revocationSchema = z
  .object({
    warnings: z
      .array(
        z.object({
          code: z
            .enum(['no-admin-left', 'pulls-stay-closed'])
            .meta({ description: 'What nobody can do any more.', example: 'pulls-stay-closed' }),
          message: z.string().meta({
            description: 'What that means, and what to do.',
            example: 'No token that allows pull is left, and pulls stay closed.',
          }),
        }),
      )
      .meta({ description: 'What nobody can do any more.' }),
  })
  .meta({
    id: 'Revocation',
    description: 'What the revoked tokens took with them, where they were the last.',
  })

/** @see tokenSchema */
export type Token = z.infer<typeof tokenSchema>
/** @see madeTokenSchema */
export type MadeToken = z.infer<typeof madeTokenSchema>
/** @see revocationSchema */
export type Revocation = z.infer<typeof revocationSchema>
