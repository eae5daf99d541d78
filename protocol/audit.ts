import { z } from 'zod'
import { author, instant, modelName, tagName } from './fields.ts'
import { pageLimit } from './page.ts'

const hashText = z.string().regex(/^[0-9a-f]{64}$/)

const state = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({
    description: 'What it is about, as it was; null: there was nothing. Which fields depends on the action.',
    example: { release: 7 },
  })

/** One change, or one that was refused, as the audit keeps it. */
export const auditEntrySchema = z
  .object({
    sequence: z.int().min(1).meta({ description: 'Grows by one with every entry.', example: 4711 }),
    at: instant,
    actor: author,
    subject: z.string().nullable().meta({
      description:
        "Whom the actor's token was issued to, where another system vouches for that; null: nobody.",
      example: null,
    }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where the request came from; null: from no request.', example: '192.0.2.7' }),
    request: z
      .string()
      .nullable()
      .meta({ description: "The request's id, as the log has it; null: no request.", example: '7c9a41d2' }),
    action: z.string().meta({
      description:
        'What was done, such as `tag.moved`; `refused` where nothing was, `audit.checkpoint` for the audit itself.',
      example: 'tag.moved',
    }),
    model: modelName.nullable(),
    tag: tagName.nullable(),
    before: state,
    after: state.meta({ description: 'What it is about, as it was from then on.', example: { release: 8 } }),
    previous: hashText.meta({
      description: 'The hash of the entry before; 64 zeros for the first.',
      example: '6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab',
    }),
    hash: hashText.meta({
      description: 'SHA-256 over all of the above, so that each entry vouches for those before it.',
      example: '0f8fad5bd9cb469fa16570867728950e0f8fad5bd9cb469fa16570867728950e',
    }),
  })
  .meta({ id: 'AuditEntry', description: 'One change, or one that was refused.' })

/** How the audit is asked for: the oldest first, since whoever reads it follows on. */
export const auditQuerySchema = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Only entries with a higher sequence number.', example: 4711 }),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Only entries from then on.', example: '2026-11-23T02:00:00Z' }),
  limit: pageLimit.meta({ description: 'How many at most.', example: 100 }),
})

/** The last entry of the audit, as others may keep it to compare with later. */
const auditHeadSchema = z
  .object({
    sequence: z.int().min(0).meta({ description: 'Its sequence number; 0: there is none.', example: 4711 }),
    hash: hashText.meta({
      description: 'Its hash.',
      example: '6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab',
    }),
  })
  .meta({ id: 'AuditHead', description: 'The last entry of the audit.' })

/** A page of the audit. */
export const auditPageSchema = z
  .object({
    items: z.array(auditEntrySchema).meta({ description: 'The entries, the oldest first.' }),
    next: z
      .int()
      .nullable()
      .meta({ description: 'Send it as `after` to get what follows; null: nothing has yet.', example: 4811 }),
    head: auditHeadSchema,
  })
  .meta({ id: 'AuditPage', description: 'One page of the audit.' })

/** @see auditEntrySchema */
export type AuditEntry = z.infer<typeof auditEntrySchema>
/** @see auditHeadSchema */
export type AuditHead = z.infer<typeof auditHeadSchema>
