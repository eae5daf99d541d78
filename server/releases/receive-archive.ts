import type { ArchiveInspector } from './archive-inspector.ts'
import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest, Release } from './release.ts'
import { inBlocks } from './in-blocks.ts'

/** Large enough that the disk and the inflater are asked rarely, small enough to hold two per upload. */
const BLOCK_BYTES = 256 * 1024

export interface ReceiveDependencies {
  blobs: BlobStore
  inspect: () => ArchiveInspector
  maxArchiveBytes: number
}

/** An archive whose bytes are staged, hashed and inspected, and of which nothing is visible yet. */
export interface ReceivedArchive {
  digest: Digest
  facts: Release['archive']
  staged: StagedBlob
}

/**
 * Takes an archive in: one pass over the bytes writes, hashes and inspects them.
 *
 * @param body Rejects where the sender stops early.
 * @param expectedDigest What the sender says the bytes hash to.
 * @returns What to publish, or to discard.
 * @throws DomainError `archive-too-large`, `archive-missing`, `digest-mismatch`, `disk-full`, `storage-failed`;
 *   whatever the inspector refuses with; whatever `body` rejects with. Nothing is left behind then.
 */
export async function receiveArchive(
  { blobs, inspect, maxArchiveBytes }: ReceiveDependencies,
  body: AsyncIterable<Uint8Array>,
  expectedDigest?: Digest,
): Promise<ReceivedArchive> {
  const staged = await blobs.stage()
  const inspector = inspect()
  try {
    await pour(body, maxArchiveBytes, staged, inspector)
    if (staged.size === 0)
      throw new DomainError('archive-missing', 'The body is empty; send the archive as it is.')
    const digest = staged.digest()
    if (expectedDigest !== undefined && digest !== expectedDigest)
      throw digestMismatch(digest, expectedDigest)
    return { digest, facts: await inspector.end(), staged }
  } catch (error) {
    inspector.abort()
    await staged.discard()
    throw error
  }
}

/** Gathers one block while the block before is written and inspected. */
async function pour(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  staged: StagedBlob,
  inspector: ArchiveInspector,
): Promise<void> {
  let busy: Promise<unknown> = Promise.resolve()
  let total = 0
  try {
    for await (const block of inBlocks(body, BLOCK_BYTES)) {
      await busy
      total += block.length
      if (total > limit) throw archiveTooLarge(limit)
      busy = Promise.all([staged.write(block), inspector.write(block)])
      // Awaited a block later; without this a rejection meanwhile would count as unhandled.
      busy.catch(() => undefined)
    }
  } finally {
    // The block is in use until then, also where the body broke.
    await Promise.allSettled([busy])
  }
  await busy
}

/** The refusal of an archive that is larger than the server takes. */
export function archiveTooLarge(limitBytes: number): DomainError {
  return new DomainError(
    'archive-too-large',
    `The archive is larger than ${limitBytes} bytes, the most this server takes (SLIPWAY_MAX_ARCHIVE_BYTES).`,
    { limitBytes },
  )
}

function digestMismatch(digest: Digest, expected: Digest): DomainError {
  return new DomainError(
    'digest-mismatch',
    `The bytes that arrived hash to ${digest}, not to ${expected} as was announced; send them again.`,
    { digest, expected },
  )
}
