import { z } from 'zod'
import { archiveSchema, archiveSummarySchema } from './archive.ts'
import { quarantineSchema } from './quarantine.ts'
import { releaseSignatureSchema } from './signature.ts'
import { tagWarnings } from './tag.ts'
import { author, digest, instant, modelName, notes, releaseNumber } from './fields.ts'

const fields = {
  model: modelName,
  number: releaseNumber,
  digest,
  size: z.int().meta({ description: 'Bytes of the archive.', example: 14516 }),
  filename: z
    .string()
    .meta({ description: 'The name it is served under.', example: 'shop-6bdd6d298fbc.tar.gz' }),
  publishedAt: instant,
  publishedBy: author,
  notes,
}

const damagedAt = instant.optional().meta({
  description:
    'Since when its stored archive is known to be damaged or missing; absent where it is not. It is not given out ' +
    'until the same bytes are published again.',
  example: '2026-11-23T08:46:06.000Z',
})

const quarantine = quarantineSchema.nullable().meta({
  description:
    'Set where the release was taken back from bots: promoting it, or the same bytes, needs force. null: it was not.',
  example: null,
})

const signature = releaseSignatureSchema.nullable().meta({
  description:
    'What is known of its signature; null: it is not signed. The signature itself is at `…/bundle`.',
})

/** A release, with all that inspection learned. */
export const releaseSchema = z
  .object({ ...fields, damagedAt, quarantine, signature, archive: archiveSchema })
  .meta({
    id: 'Release',
    description: 'An archive that was published: immutable but for its notes and its signature.',
  })

/** What a publish is answered with. */
export const publishedReleaseSchema = releaseSchema.extend({ warnings: tagWarnings }).meta({
  id: 'PublishedRelease',
  description: 'A release, and what to look at of the tags that moved to it.',
})

/** A release in a list. */
export const releaseSummarySchema = z
  .object({ ...fields, damagedAt, quarantine, signature, archive: archiveSummarySchema })
  .meta({ id: 'ReleaseSummary', description: 'A release in a list.' })

/** What `PATCH` of a release takes. */
export const releaseChangeSchema = z
  .strictObject({ notes })
  .meta({ id: 'ReleaseChange', description: 'What can be changed of a release.' })

/** @see releaseSchema */
export type Release = z.infer<typeof releaseSchema>
/** @see releaseSummarySchema */
export type ReleaseSummary = z.infer<typeof releaseSummarySchema>
