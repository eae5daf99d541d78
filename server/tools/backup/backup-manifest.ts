import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../../storage/filesystem/replace-file.ts'
import { ToolFailure } from '../tool-failure.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const size = z.int().min(0)

/** The name of a copy of a catalog in a backup: when it was taken, and something random. */
export const CATALOG_COPY = /^catalog-\d{4}-\d\d-\d\dT\d{9}Z-[0-9a-f]{6}\.sqlite$/

/** The name of the copy of a catalog that is taken now, so that names sort by time. */
export function catalogCopyName(takenAt: string, random: string): string {
  return `catalog-${takenAt.replaceAll(/[:.]/g, '')}-${random}.sqlite`
}

/** When a copy of a catalog was taken (ISO 8601), by its name: later than the copy before, whatever the clock did. */
export function takenAtOf(name: string): string {
  const [, date = '', hours = '', minutes = '', seconds = '', milliseconds = ''] =
    /^catalog-([\d-]{10})T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(name) ?? []
  return `${date}T${hours}:${minutes}:${seconds}.${milliseconds}Z`
}

const manifestSchema = z.object({
  format: z.literal('slipway-backup'),
  /** Version 1 does not say whose backup it is. */
  version: z.union([z.literal(1), z.literal(2)]),
  /** The identity of the catalog: a folder holds the backups of one server. */
  server: z.string().optional(),
  takenAt: z.iso.datetime(),
  takenBy: z.string(),
  catalog: z.object({
    file: z.string().regex(CATALOG_COPY),
    sha256: digest,
    size,
  }),
  /** `modifiedAt` tells whether the file is still the one that was hashed. */
  blobs: z.array(z.object({ digest, size, modifiedAt: z.number() })),
  /** Archives that stayed where the server keeps them, in a bucket: they were there when the backup was taken. */
  stored: z.array(z.object({ digest, size })).default([]),
  /** Archives that were brought along and that no release has any more, and since which backup: older catalogs name them. */
  retired: z.array(z.object({ digest, size, since: z.iso.datetime() })).default([]),
  /** Blobs of releases that were damaged or missing already. */
  lost: z.array(digest),
})

/** What a whole backup consists of. Written last: a folder without one holds no whole backup. */
export type BackupManifest = z.infer<typeof manifestSchema>

/** The name of the manifest in a backup. */
export const MANIFEST_NAME = 'manifest.json'

/** Where a backup keeps a blob. */
export function backupBlobPath(folder: string, digest: string): string {
  return path.join(folder, 'blobs', digest.slice(0, 2), digest)
}

/** Reads the manifest; undefined where there is none. */
export async function readManifest(folder: string): Promise<BackupManifest | undefined> {
  let text: string
  try {
    text = await readFile(path.join(folder, MANIFEST_NAME), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return parseManifest(text, path.join(folder, MANIFEST_NAME))
}

/**
 * @param where for the message
 * @throws ToolFailure where the text is no manifest.
 */
export function parseManifest(text: string, where: string): BackupManifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ToolFailure(4, `${where} is no manifest of a backup, or is damaged.`, { cause })
  }
}

/** Makes a backup whole. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  await replaceFile(path.join(folder, MANIFEST_NAME), JSON.stringify(manifest, null, 1), 0o600)
}
