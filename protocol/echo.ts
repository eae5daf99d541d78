import { z } from 'zod'
import { instant } from './fields.ts'

/**
 * Bytes of the archives that a server makes up for `slipway doctor`. There are few, so that nobody can have it hash others
 * over and over. The large one is more than what all sockets and buffers on the way hold.
 */
export const TEST_ARCHIVE_SIZES = { small: 1000, medium: 1_000_000, large: 64_000_000 } as const

/** The header field that asks for the other edition of a test archive, so that an update can be played at one address. */
export const EDITION_FIELD = 'slipway-edition'

/** Names one transfer of a test archive, so that its sender can ask what became of it. */
const transferId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .optional()

/** How an echo is asked for. */
export const echoQuerySchema = z.object({
  transfer: transferId.meta({
    description: 'The transfer of a test archive to tell about: 32 hex digits.',
    example: '0f3b6f0e5a7c4d1e9b2a8c7d6e5f4a3b',
  }),
})

/** How a test archive is asked for. */
export const testArchiveQuerySchema = z.object({
  size: z
    .enum(['small', 'medium', 'large'])
    .default('small')
    .meta({ description: 'How large: 1,000 bytes, a million, or 64 million.', example: 'medium' }),
  transfer: transferId.meta({
    description:
      'A name for this transfer, 32 hex digits: `GET /api/v1/models/{model}/echo` then tells what became of it.',
    example: '0f3b6f0e5a7c4d1e9b2a8c7d6e5f4a3b',
  }),
})

/** What became of the transfer of a test archive, as the server sees it. */
export const transferStateSchema = z.enum(['sending', 'sent', 'aborted'])

/** @see transferStateSchema */
export type TransferState = z.infer<typeof transferStateSchema>

/** A request as it arrived at the server. */
export const echoSchema = z
  .object({
    at: instant,
    version: z.string().meta({ description: "The server's version.", example: '0.1.0' }),
    method: z.string().meta({ description: 'The method.', example: 'GET' }),
    httpVersion: z
      .string()
      .meta({ description: 'The version of HTTP of the last part of the way.', example: '1.1' }),
    parameters: z.array(z.string()).meta({
      description: 'The names of the query parameters that arrived; values may be secrets.',
      example: ['token', 'instance'],
    }),
    fields: z.record(z.string(), z.string()).meta({
      description:
        'The header fields that proxies are known to change, and those that they add, by lower-case name.',
      example: { 'if-none-match': '5c1b0d9e2f7a4b3c8d6e1f0a9b8c7d6e', via: '1.1 squid' },
    }),
    otherFields: z.array(z.string()).meta({
      description: 'The names of all other header fields; their values may be secrets.',
      example: ['authorization'],
    }),
    peer: z
      .string()
      .meta({ description: 'The address at the other end of the connection.', example: '10.0.0.2' }),
    client: z.string().meta({
      description: 'The address that the server takes for the client (SLIPWAY_TRUST_PROXY).',
      example: '10.1.2.3',
    }),
    transfer: transferStateSchema.nullable().meta({
      description: 'What became of the transfer that was asked about; null where this server knows none.',
      example: 'sent',
    }),
  })
  .meta({ id: 'Echo', description: 'A request as it arrived at the server.' })

/** @see echoSchema */
export type Echo = z.infer<typeof echoSchema>
