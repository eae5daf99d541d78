import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { PullFailure, errorCode } from '../failure.ts'
import { signaturePolicySchema } from '../../protocol/signature.ts'
import { knownReleaseSummarySchema, knownTagSchema } from './known-schemas.ts'

/** What an exported model consists of; written last, so that a folder without it holds no whole export. */
export const modelExportSchema = z.object({
  format: z.literal('slipway-export'),
  version: z.literal(1),
  model: z.string(),
  defaultTag: z.string(),
  /** Whose signatures the model requires; exports from before there were any do not say. */
  signatures: signaturePolicySchema.nullable().optional(),
  /** The oldest first. */
  releases: z.array(knownReleaseSummarySchema),
  tags: z.array(knownTagSchema),
})

/** @see modelExportSchema */
export type ModelExport = z.infer<typeof modelExportSchema>

/** The file that says what an export consists of. */
export function exportFile(folder: string): string {
  return path.join(folder, 'model.json')
}

/** Where an export keeps an archive. */
export function exportedArchive(folder: string, digest: string): string {
  return path.join(folder, 'archives', `${digest}.tar.gz`)
}

/** Where an export keeps the signature of a release. */
export function exportedBundle(folder: string, release: number): string {
  return path.join(folder, 'bundles', `${release}.sigstore.json`)
}

/** @throws PullFailure where the folder holds no whole export. */
export async function readExport(folder: string): Promise<ModelExport> {
  try {
    return modelExportSchema.parse(JSON.parse(await readFile(exportFile(folder), 'utf8')))
  } catch (cause) {
    const isThere = errorCode(cause) !== 'ENOENT'
    throw new PullFailure(
      isThere ? 'unsound' : 'configuration',
      isThere
        ? `${exportFile(folder)} is damaged; export the model again`
        : `${folder} holds no complete export: model.json, which an export writes last, is missing`,
      { again: false, cause },
    )
  }
}
