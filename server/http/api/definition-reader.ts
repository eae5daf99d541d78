import { ArchiveRefused } from '../../../archives/archive-refused.ts'
import type { Definitions } from '../../../archives/definitions/definitions-in.ts'
import { readDefinitions } from '../../../archives/definitions/read-definitions.ts'
import type { ArchiveDifferences } from '../../../archives/differences/archive-differences.ts'
import {
  areDefinitionsChanged,
  changedDefinitions,
  type ReadChanges,
} from '../../../archives/differences/changed-definitions.ts'
import { Semaphore } from '../../../concurrency/semaphore.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { DomainError } from '../../errors/errors.ts'
import type { Release } from '../../releases/release.ts'

/** Bytes of an archive that is read for its definitions: unpacking more keeps a person waiting for too long. */
const LARGEST_READ = 500_000_000

/** Reads archives again for what they define: they are unpacked as a whole for it, one at a time. */
export class DefinitionReader {
  readonly #blobs: Pick<BlobStore, 'open'>
  readonly #turn = new Semaphore(1)

  constructor(blobs: Pick<BlobStore, 'open'>) {
    this.#blobs = blobs
  }

  /** The old and the new text of what differs between two releases; the archives are only read where something does. */
  async changes(
    from: Release,
    to: Release,
    differences: ArchiveDifferences,
    signal: AbortSignal,
  ): Promise<ReadChanges> {
    if (!areDefinitionsChanged(differences)) return { definitions: {} }
    const tooLarge = [from, to].find(({ size }) => size > LARGEST_READ)
    if (tooLarge !== undefined)
      return { definitionsUnread: `release ${tooLarge.number} has more than ${LARGEST_READ / 1e6} MB` }
    try {
      const [before, after] = [await this.#read(from, signal), await this.#read(to, signal)]
      return {
        definitions: changedDefinitions(
          differences,
          { facts: from.archive, definitions: before },
          { facts: to.archive, definitions: after },
        ),
      }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ArchiveRefused || error instanceof DomainError)
        return { definitionsUnread: error.message }
      throw error
    }
  }

  #read({ digest }: Release, signal: AbortSignal): Promise<Definitions> {
    return this.#turn.run(async () => {
      const blob = await this.#blobs.open(digest, undefined, signal)
      try {
        return await readDefinitions(blob.chunks)
      } finally {
        await blob.close()
      }
    }, signal)
  }
}
