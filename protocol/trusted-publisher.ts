import { z } from 'zod'
import { author, instant } from './fields.ts'
import { pageSchema } from './page.ts'
import { tokenName, tokenRequestSchema } from './token.ts'

/** No JWT of any issuer is longer: GitHub's have some 2 KiB, Kubernetes' 1 KiB. */
export const LONGEST_IDENTITY_TOKEN = 16 * 1024

/** Most claims that a trusted publisher names. */
const MOST_CLAIMS = 20

const fields = {
  name: tokenName,
  issuer: z.string().max(500).meta({
    description: 'Who issues the identity tokens: the `iss` of each, as it is.',
    example: 'https://token.actions.githubusercontent.com',
  }),
  audience: z.string().min(1).max(500).meta({
    description:
      'Whom the identity tokens are for: one `aud` of each. The address of this server is a good choice.',
    example: 'https://models.example.com',
  }),
  claims: z.record(z.string().min(1).max(100), z.string().min(1).max(500)).meta({
    description: 'What an identity token must say, claim by claim; `*` stands for any characters.',
    example: { repository_id: '123456789', ref: 'refs/heads/main', environment: 'production' },
  }),
  allow: tokenRequestSchema.shape.allow,
}

/** Whose identity tokens are exchanged. */
export const trustedPublisherSchema = z.object({ ...fields, createdAt: instant, createdBy: author }).meta({
  id: 'TrustedPublisher',
  description:
    'Somebody who needs no token of ours: identity tokens of an issuer are exchanged for short-lived ones.',
})

/** What a new trusted publisher shall be. */
export const trustRequestSchema = z
  .strictObject({
    ...fields,
    claims: fields.claims.refine(
      (claims) => Object.keys(claims).length <= MOST_CLAIMS,
      `at most ${MOST_CLAIMS} claims`,
    ),
  })
  .meta({ id: 'TrustRequest', description: 'What a new trusted publisher shall be.' })

/** All trusted publishers. */
export const trustedPublishersSchema = pageSchema('TrustedPublisherPage', trustedPublisherSchema, 'by name')

/** What is exchanged. */
export const exchangeRequestSchema = z
  .strictObject({
    token: z.string().max(LONGEST_IDENTITY_TOKEN).meta({
      description: 'The identity token: a JWT of a trusted issuer.',
      example: 'eyJhbGciOiJSUzI1NiIsImtpZCI6…',
    }),
  })
  .meta({ id: 'ExchangeRequest', description: 'An identity token that shall be exchanged.' })

/** What it is exchanged for. */
export const issuedTokenSchema = z
  .object({
    token: z.string().meta({ description: 'The token; it is not shown again.', example: 'slipway_…' }),
    name: tokenName.meta({
      description:
        'The trusted publisher, which stands as author with all that it does; of several the first.',
    }),
    publishers: z.array(tokenName).meta({
      description: 'All trusted publishers that matched: it allows what they do, and ends with each of them.',
      example: ['github-123456789'],
    }),
    subject: z.string().meta({
      description: 'Whom the issuer vouches for: `sub`.',
      example: 'repo:acme/shop:ref:refs/heads/main',
    }),
    allow: tokenRequestSchema.shape.allow,
    expiresAt: instant,
  })
  .meta({ id: 'IssuedToken', description: 'A token that is good for 15 minutes.' })

/** @see trustedPublisherSchema */
export type TrustedPublisher = z.infer<typeof trustedPublisherSchema>
/** @see trustRequestSchema */
export type TrustRequest = z.infer<typeof trustRequestSchema>
/** @see issuedTokenSchema */
export type IssuedToken = z.infer<typeof issuedTokenSchema>
