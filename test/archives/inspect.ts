import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import type { AcceptedRefusals } from '../../archives/acceptable-refusal.ts'
import type { ArchiveFacts } from '../../archives/archive-facts.ts'
import type { ArchiveLimits } from '../../archives/archive-limits.ts'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { checkArchive } from '../../archives/check-archive.ts'

interface InspectOptions {
  limits?: ArchiveLimits
  pieceSize?: number
  accept?: AcceptedRefusals
}

/** What inspection learns of these bytes, given in pieces of `pieceSize`. */
export async function inspect(
  bytes: Uint8Array,
  { limits, pieceSize = 65_536, ...options }: InspectOptions = {},
): Promise<ArchiveFacts> {
  const inspection = new ArchiveInspection(limits, options)
  try {
    for (const piece of piecesOf(bytes, pieceSize)) await inspection.write(piece)
    return await inspection.end()
  } finally {
    inspection.abort()
  }
}

/** `accepted`, or the code of the refusal; whatever else is thrown goes on up. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    if (error instanceof ArchiveRefused) return error.code
    throw error
  }
}

/** What {@link checkArchive} says of these bytes. */
export function check(bytes: Uint8Array, limits?: ArchiveLimits): Promise<void> {
  return checkArchive(asyncPieces(bytes), limits)
}

export function* piecesOf(bytes: Uint8Array, pieceSize: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceSize) yield bytes.subarray(start, start + pieceSize)
}

async function* asyncPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const piece of piecesOf(bytes, 1000)) {
    await Promise.resolve()
    yield piece
  }
}
