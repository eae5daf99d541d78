import { z } from 'zod'

/** The media type of RFC 9457 problems. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** A refusal or failure, as RFC 9457 has it; other members depend on the code. */
export const problemSchema = z
  .looseObject({
    type: z
      .string()
      .meta({ description: 'Names the kind of problem.', example: 'urn:slipway:problem:tag-not-found' }),
    title: z
      .string()
      .meta({ description: 'The kind of problem in words.', example: 'The tag does not exist' }),
    status: z.int().meta({ description: 'The HTTP status, repeated.', example: 404 }),
    code: z.string().meta({ description: 'The stable code of the problem.', example: 'tag-not-found' }),
    detail: z.string().optional().meta({
      description: 'What happened here, what was expected, and what to do.',
      example: 'The model "shop" has no tag "staging".',
    }),
    instance: z.string().optional().meta({
      description: "The request's id, as the server's log has it.",
      example: 'urn:slipway:request:7c9a41d2',
    }),
  })
  .meta({ id: 'Problem', description: 'A refusal or failure (RFC 9457).' })

/** @see problemSchema */
export type Problem = z.infer<typeof problemSchema>
