import { z } from 'zod'
import { quotaSchema } from '../../../protocol/quota.ts'
import { releaseSignatureSchema, signaturePolicySchema } from '../../../protocol/signature.ts'

/**
 * What a bucket says of the catalog, beside the archives: enough to make a catalog anew where the one in DATA_DIR and its
 * backups are lost. One small object for each release, one for each model's tags.
 */
const FOLDER = 'records/'

const releaseSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  number: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().min(0),
  filename: z.string(),
  publishedAt: z.iso.datetime(),
  publishedBy: z.string(),
  notes: z.string(),
  /** What inspection learned. */
  archive: z.record(z.string(), z.unknown()),
  /** Records from before there were signatures have neither. */
  signature: releaseSignatureSchema.nullable().default(null),
  bundle: z.string().optional(),
})

const tagsSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  defaultTag: z.string(),
  createdAt: z.iso.datetime(),
  /** The number that the next release would have got. */
  nextNumber: z.int().min(1),
  /** Whose signatures the model requires; records from before there were any do not say. */
  signatures: signaturePolicySchema.nullable().optional(),
  /** How much the model may have; records from before there were quotas do not say. */
  quota: quotaSchema.nullable().optional(),
  tags: z.array(
    z.object({
      tag: z.string(),
      release: z.int().min(1),
      movedAt: z.iso.datetime(),
      movedBy: z.string(),
      reason: z.string().nullable(),
    }),
  ),
})

/** A release as the bucket has it. */
export type ReleaseRecord = z.infer<typeof releaseSchema>

/** A model and its tags as the bucket has them. */
export type TagsRecord = z.infer<typeof tagsSchema>

/** Where all records lie. */
export const RECORDS_PREFIX = FOLDER

/** Where the records of a model's releases lie. */
export function releasesPrefix(model: string): string {
  return `${FOLDER}${model}/releases/`
}

export function releaseRecordKey(model: string, number: number): string {
  return `${releasesPrefix(model)}${number}.json`
}

export function tagsRecordKey(model: string): string {
  return `${FOLDER}${model}/tags.json`
}

/** What a key in {@link RECORDS_PREFIX} is of; undefined for what was put there by others. */
export function meaningOfRecordKey(
  key: string,
): { kind: 'tags'; model: string } | { kind: 'release'; model: string; number: number } | undefined {
  const [, model, what, number] = /^records\/([^/]+)\/(tags|releases\/(\d{1,15}))\.json$/.exec(key) ?? []
  if (model === undefined) return undefined
  return what === 'tags' ? { kind: 'tags', model } : { kind: 'release', model, number: Number(number) }
}

/** @returns undefined where the bytes are no record of a release. */
export function parseReleaseRecord(text: string): ReleaseRecord | undefined {
  return parseAs(releaseSchema, text)
}

/** @returns undefined where the bytes are no record of a model's tags. */
export function parseTagsRecord(text: string): TagsRecord | undefined {
  return parseAs(tagsSchema, text)
}

function parseAs<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Under which name the catalog keeps from which database was recorded last. */
export const RECORDED_DATABASE = 'records-database'

/** Under which name the catalog keeps the revision of a model that was recorded last. */
export function recordsTask(model: string): string {
  return `records:${model}`
}
