import { open } from 'node:fs/promises'
import { ACCEPTABLE_REFUSALS } from '../archives/acceptable-refusal.ts'
import { ArchiveInspection } from '../archives/archive-inspection.ts'
import type { ComparedArchive } from '../archives/differences/archive-differences.ts'
import { hashChunks } from '../storage/hash-chunks.ts'
import { PullFailure, isSystemError } from './failure.ts'
import { readChunks } from './sources/read-chunks.ts'

/**
 * What a server would learn of an archive if it were published. What a publisher may accept is told among the facts,
 * not refused.
 *
 * @throws PullFailure `unsound` where a server would refuse it, `disk` where it cannot be read.
 */
export async function inspectArchiveFile(file: string, signal: AbortSignal): Promise<ComparedArchive> {
  const inspection = new ArchiveInspection(undefined, { accept: new Set(ACCEPTABLE_REFUSALS) })
  try {
    let size = 0
    const digest = await hashChunks(readChunks(await open(file, 'r'), 0, signal), async (chunk) => {
      size += chunk.length
      await inspection.write(chunk)
    })
    return { digest, size, facts: await inspection.end() }
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    const [kind, what] = isSystemError(error)
      ? (['disk', 'cannot be read'] as const)
      : (['unsound', 'is not a sound archive'] as const)
    throw new PullFailure(kind, `${file} ${what}: ${reason}`, { again: false, cause: error })
  } finally {
    inspection.abort()
  }
}
