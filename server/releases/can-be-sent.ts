import { DomainError } from '../errors/errors.ts'
import type { Release } from './release.ts'
import { requireBlob } from './require-blob.ts'

/** Says whether bots could be sent the archive of a release. It never rejects. */
export type CanBeSent = (release: Pick<Release, 'number' | 'digest'>) => Promise<boolean>

/**
 * Whether the archive of a release is there, and not known to be damaged. Where storage does not say, it may be: an outage is no
 * reason to leave bots with a release that they cannot load.
 *
 * @param dependencies As of {@link requireBlob}.
 */
export async function canBeSent(
  dependencies: Parameters<typeof requireBlob>[0],
  release: Parameters<CanBeSent>[0],
): Promise<boolean> {
  try {
    await requireBlob(dependencies, release)
    return true
  } catch (error) {
    return !(error instanceof DomainError && ['blob-damaged', 'blob-missing'].includes(error.code))
  }
}
