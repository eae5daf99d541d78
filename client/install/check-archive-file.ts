import { open } from 'node:fs/promises'
import { checkArchive } from '../../archives/check-archive.ts'
import { PullFailure, isSystemError } from '../failure.ts'
import { readChunks } from '../sources/read-chunks.ts'

/**
 * Checks that a file is a sound archive.
 *
 * @throws PullFailure `unsound` where it is not, `disk` where it cannot be read.
 */
export async function checkArchiveFile(file: string, signal?: AbortSignal): Promise<{ size: number }> {
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      await checkArchive(readChunks(handle, 0, signal))
      return { size }
    } finally {
      await handle.close()
    }
  } catch (error) {
    signal?.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    if (isSystemError(error))
      throw new PullFailure('disk', `${file} cannot be read: ${reason}`, { again: false, cause: error })
    throw new PullFailure('unsound', `${file} is not a sound archive: ${reason}`, {
      again: true,
      cause: error,
    })
  }
}

/** Whether a file is a sound archive. @throws PullFailure where it cannot be read. */
export async function isSoundArchive(file: string): Promise<boolean> {
  try {
    await checkArchiveFile(file)
    return true
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'unsound') return false
    throw error
  }
}
