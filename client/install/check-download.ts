import { PullFailure } from '../failure.ts'
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
 * Checks that the length and the SHA-256 of what arrived are those that were announced.
 *
 * @throws PullFailure `unsound` (worth one try from zero: a bad disk or a bad network may have done it), or `source`
 *   where bytes are missing.
 */
export function checkAnnounced(
  { bytes, digest }: Pick<Arrived, 'bytes' | 'digest'>,
  announced: Pick<ArchiveHead, 'size' | 'digest'>,
): void {
  if (announced.size !== undefined && bytes < announced.size)
    throw new PullFailure('source', `${bytes} of ${announced.size} bytes arrived`, { again: true })
  if (announced.size !== undefined && bytes > announced.size)
    throw unsound(`${bytes} bytes arrived where ${announced.size} were announced`)
  if (announced.digest !== undefined && digest !== announced.digest) {
    throw unsound(
      `what arrived (${bytes} bytes) has the digest ${digest}, but ${announced.digest} was announced`,
    )
  }
}

function unsound(message: string): PullFailure {
  return new PullFailure('unsound', message, { again: true })
}
