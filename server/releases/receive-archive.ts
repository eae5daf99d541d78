import type { AcceptedRefusals } from '../../archives/acceptable-refusal.ts'
import type { ArchiveInspector } from './archive-inspector.ts'
import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest, Release } from './release.ts'
import type { QuotaRoom } from './quota.ts'
import { boundFacts } from './bound-facts.ts'
import { inBlocks } from './in-blocks.ts'
import type { SpaceReservation, VolumeSpace } from './volume-space.ts'

/** Large enough that the disk and the inflater are asked rarely, small enough to hold two per upload. */
const BLOCK_BYTES = 256 * 1024

export interface ReceiveDependencies {
  blobs: BlobStore
  inspect: (options?: { accept?: AcceptedRefusals }) => ArchiveInspector
  maxArchiveBytes: number
  /** Room on the volume that archives are staged on. */
  space: VolumeSpace
}

/** What is known of an archive before its first byte. */
export interface ArchiveExpectations {
  /** What the sender says the bytes hash to. */
  digest?: Digest | undefined
  /** Room that was set aside for it already; without it, room is set aside as the bytes come. */
  reservation?: SpaceReservation
  /** How long it may be for its model; undefined: nothing limits that. */
  room?: QuotaRoom | undefined
  /** Refusals that the publisher overrides. */
  accept?: AcceptedRefusals
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
 * @param expected What is known of it beforehand. Its reservation is released in the end.
 * @returns What to publish, or to discard.
 * @throws DomainError `archive-too-large`, `quota-exceeded`, `archive-missing`, `digest-mismatch`, `disk-full`, `storage-failed`;
 *   whatever the inspector refuses with; whatever `body` rejects with. Nothing is left behind then.
 */
export async function receiveArchive(
  { blobs, inspect, maxArchiveBytes, space }: ReceiveDependencies,
  body: AsyncIterable<Uint8Array>,
  expected: ArchiveExpectations = {},
): Promise<ReceivedArchive> {
  const reservation = expected.reservation ?? (await space.reserve(0))
  try {
    return await stage({ blobs, inspect, maxArchiveBytes }, body, expected, reservation)
  } finally {
    reservation.release()
  }
}

async function stage(
  { blobs, inspect, maxArchiveBytes }: Omit<ReceiveDependencies, 'space'>,
  body: AsyncIterable<Uint8Array>,
  { digest: expectedDigest, accept = new Set(), room }: ArchiveExpectations,
  reservation: SpaceReservation,
): Promise<ReceivedArchive> {
  const staged = await blobs.stage()
  const inspector = inspect({ accept })
  try {
    await stageAndInspect(body, { maxArchiveBytes, room }, staged, inspector, reservation)
    if (staged.size === 0)
      throw new DomainError('archive-missing', 'The body is empty; send the archive as it is.')
    const digest = staged.digest()
    if (expectedDigest !== undefined && digest !== expectedDigest)
      throw digestMismatch(digest, expectedDigest)
    return { digest, facts: boundFacts(await inspector.end()), staged }
  } catch (error) {
    inspector.abort()
    await staged.discard()
    throw error
  }
}

/** Gathers one block while the block before is written and inspected. */
async function stageAndInspect(
  body: AsyncIterable<Uint8Array>,
  { maxArchiveBytes, room }: { maxArchiveBytes: number; room: QuotaRoom | undefined },
  staged: StagedBlob,
  inspector: ArchiveInspector,
  reservation: SpaceReservation,
): Promise<void> {
  let busy: Promise<void> = Promise.resolve()
  let total = 0
  try {
    for await (const block of inBlocks(body, BLOCK_BYTES)) {
      await busy
      total += block.length
      if (total > maxArchiveBytes) throw archiveTooLarge(maxArchiveBytes)
      if (room !== undefined && total > room.bytes) throw room.refuse()
      await reservation.require(block.length)
      busy = bothSettled(write(block, staged, reservation), inspector.write(block))
      // Awaited a block later; without this a rejection meanwhile would count as unhandled.
      busy.catch(() => undefined)
    }
  } finally {
    // The block is in use until then, also where the body broke.
    await Promise.allSettled([busy])
  }
  await busy
}

/**
 * Where one fails the other is waited for all the same: closing a file that is still written to may have the rest go to
 * whatever file has its descriptor by then.
 */
async function bothSettled(...work: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

async function write(block: Uint8Array, staged: StagedBlob, reservation: SpaceReservation): Promise<void> {
  await staged.write(block)
  reservation.wrote(block.length)
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
