import path from 'node:path'
import type { ComparedArchive } from '../../archives/differences/archive-differences.ts'
import type { ApiClient } from '../api/api-client.ts'
import type { KnownRelease } from '../api/known-schemas.ts'
import { inspectArchiveFile } from '../inspect-archive-file.ts'
import { findRelease, releaseReference, type ReleaseReference } from './references.ts'

/** An archive that was named on the command line: a release of the server, or a file. */
export interface NamedArchive extends ComparedArchive {
  /** How it is shown: `shop#7`, or the path as it was given. */
  name: string
  /** Absent for a file. */
  release?: KnownRelease
}

/** Whether an argument names a file: a release has no slash in it, and no model or tag ends in `.tar.gz`. */
export function isFileArgument(text: string): boolean {
  return text.includes('/') || text.includes(path.sep) || text.endsWith('.tar.gz')
}

/**
 * Reads what an argument names.
 *
 * @param ofModel Whose release a bare number is; without it a number is the name of a model.
 */
export async function readNamedArchive(
  text: string,
  { client, signal, ofModel }: { client: ApiClient; signal: AbortSignal; ofModel?: string | undefined },
): Promise<NamedArchive> {
  if (isFileArgument(text)) return { name: text, ...(await inspectArchiveFile(text, signal)) }
  const release = await findRelease(client, referenceTo(text, ofModel))
  const { model, number, digest, size, archive } = release
  return { name: `${model}#${number}`, digest, size, facts: archive as ComparedArchive['facts'], release }
}

function referenceTo(text: string, ofModel: string | undefined): ReleaseReference {
  if (ofModel !== undefined && /^[1-9]\d{0,14}$/.test(text)) return { model: ofModel, number: Number(text) }
  return releaseReference(text)
}
