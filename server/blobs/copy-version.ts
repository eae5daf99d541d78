import type { FileHandle } from 'node:fs/promises'
import { fileVersion } from '../../storage/filesystem/file-version.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'

/** What tells whether the open file of a local copy may have changed. */
export async function versionOf(file: FileHandle): Promise<string> {
  return fileVersion(await file.stat({ bigint: true }))
}

/**
 * That nobody wrote to a copy since it was found sound.
 *
 * @throws DomainError `storage-failed`: what was read of it before may be wrong already, so that the store cannot go on with the rest
 */
export async function requireVersion(
  file: FileHandle,
  version: string | undefined,
  digest: Digest,
): Promise<void> {
  if ((await versionOf(file)) === version) return
  throw new DomainError('storage-failed', 'The local copy was written to while it was read; try again.', {
    digest,
  })
}
