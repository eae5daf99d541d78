import { z } from 'zod'
import { digest, instant, modelName, releaseNumber, tagName } from './fields.ts'

const days = z.int().min(1).max(36_500)
const releases = z.int().min(1).max(1_000_000)

/** What pruning a model takes: at least one of the two limits. */
export const pruneRequestSchema = z
  .strictObject({
    keepReleases: releases
      .optional()
      .meta({ description: 'The newest so many releases stay, by number.', example: 20 }),
    keepDays: days.optional().meta({ description: 'Releases younger than so many days stay.', example: 90 }),
    keepHistory: z.int().min(1).max(1000).optional().meta({
      description:
        "The last so many releases of each tag's history stay; 5 unless the server is set otherwise.",
      example: 5,
    }),
    dryRun: z
      .boolean()
      .optional()
      .meta({ description: 'Tells what would go, and deletes nothing.', example: true }),
  })
  .refine(({ keepReleases, keepDays }) => keepReleases !== undefined || keepDays !== undefined, {
    error: 'say what stays: keepReleases, keepDays, or both (then a release stays if either lets it)',
  })
  .meta({
    id: 'PruneRequest',
    description: 'What stays; at least one of keepReleases and keepDays.',
    anyOf: [{ required: ['keepReleases'] }, { required: ['keepDays'] }],
  })

const outline = {
  number: releaseNumber,
  digest,
  size: z.int().meta({ description: 'Bytes of the archive.', example: 14516 }),
  publishedAt: instant,
}

const reasonSchema = z
  .object({
    code: z.enum(['tagged', 'tag-history', 'rollout', 'seen-running', 'among-newest', 'young']).meta({
      description:
        'tagged: a tag points at it. tag-history: a tag pointed at it lately. rollout: a rollout brings it out, or may ' +
        'go back to it. seen-running: a process polled with it ' +
        'in the last 30 days. among-newest, young: the limits let it stay.',
      example: 'tagged',
    }),
    tag: tagName.optional(),
    lastSeen: instant.optional(),
  })
  .meta({ id: 'ReasonToStay', description: 'Why a release stays.' })

/** What pruning did, or would do. */
export const prunedSchema = z
  .object({
    model: modelName,
    dryRun: z.boolean().meta({ description: 'Whether nothing was deleted.', example: true }),
    pruned: z
      .array(z.object(outline))
      .meta({ description: 'What went, or would go; newest first.', example: [] }),
    kept: z
      .array(
        z.object({
          ...outline,
          reasons: z.array(reasonSchema).meta({ description: 'Why it stays.', example: [{ code: 'young' }] }),
        }),
      )
      .meta({ description: 'What stays, and why; newest first.', example: [] }),
    freedBytes: z.int().meta({
      description:
        'Bytes of the archives that no other release of the model has. They are free after the grace period, unless ' +
        'another model has the same archive.',
      example: 29032,
    }),
  })
  .meta({ id: 'Pruned', description: 'What pruning did, or would do.' })

/** @see prunedSchema */
export type Pruned = z.infer<typeof prunedSchema>
/** @see reasonSchema */
export type ReasonToStay = z.infer<typeof reasonSchema>
