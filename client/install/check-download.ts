import { open } from 'node:fs/promises'
import { checkArchive } from '../../archives/check-archive.ts'
import { PullFailure, errorCode } from '../failure.ts'
import { readChunks } from '../sources/read-chunks.ts'
import type { ArchiveHead } from '../sources/source.ts'

/** What arrived, put into a file. */
export interface Arrived {
  file: string
  bytes: number
  digest: string
}

/** The first bytes of every gzip file (RFC 1952 §2.3.1). */
const GZIP = [0x1f, 0x8b]

/** Whether a first chunk can begin a gzip file; an empty one tells nothing yet. */
export function beginsLikeGzip(chunk: Uint8Array): boolean {
  return GZIP.every((byte, index) => index >= chunk.length || chunk[index] === byte)
}

/**
 * Decides whether what arrived may be installed: its length and SHA-256 are those that were announced; where
 * no digest was, it is a whole gzip file with a sound tar in it.
 *
 * @throws PullFailure `unsound` (worth one try from zero: a bad disk or a bad wire may have done it), or `source`
 *   where bytes are missing.
 */
export async function checkDownload(
  arrived: Arrived,
  { size, digest }: Pick<ArchiveHead, 'size' | 'digest'>,
  signal: AbortSignal,
): Promise<void> {
  const { bytes } = arrived
  if (size !== undefined && bytes < size) {
    throw new PullFailure('source', `${bytes} of ${size} bytes arrived`, { again: true })
  }
  if (size !== undefined && bytes > size) throw unsound(`${bytes} bytes arrived where ${size} were announced`)
  if (digest !== undefined) {
    if (arrived.digest !== digest) {
      throw unsound(
        `what arrived (${bytes} bytes) has the digest ${arrived.digest}, but ${digest} was announced`,
      )
    }
    return
  }
  await checkArchiveFile(arrived.file, signal)
}

/**
 * Checks that a file is a sound archive.
 *
 * @throws PullFailure `unsound` where it is not, `disk` where it cannot be read.
 */
export async function checkArchiveFile(file: string, signal: AbortSignal): Promise<{ size: number }> {
  try {
    const handle = await open(file, 'r')
    const { size } = await handle.stat()
    await checkArchive(readChunks(handle, 0, signal))
    return { size }
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    if (isSystemError(error))
      throw new PullFailure('disk', `${file} cannot be read: ${reason}`, { again: false, cause: error })
    throw unsound(`${file} is not a sound archive: ${reason}`, error)
  }
}

function unsound(message: string, cause?: unknown): PullFailure {
  return new PullFailure('unsound', message, { again: true, cause })
}

/** zlib's errors have a code too, but no system call. */
function isSystemError(error: unknown): boolean {
  return errorCode(error) !== undefined && error instanceof Error && 'syscall' in error
}
