import { createCipheriv, createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { OpenBlob } from '../../blobs/blob-store.ts'
import type { ServedRelease } from '../../releases/release.ts'

/**
 * An archive that nobody published: gzip around bytes that do not compress, of a size that is asked for. It is made
 * anew for each reader, piece by piece, and is the same for everybody who asks for that size.
 */
export interface TestArchive {
  /** What it is answered as. */
  release: ServedRelease
  /** Opens it, or a part of it, as a blob store does; the digest does not matter, as there is one archive. */
  open(digest: string, range?: { start: number; length: number }): Promise<OpenBlob>
}

/** gzip without name and time (RFC 1952 §2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
const TRAILER_BYTES = 8
/** A stored block of deflate (RFC 1951 §3.2.4) holds no more bytes; five say so. */
const LONGEST_BLOCK = 65_535
const BLOCK_HEADER_BYTES = 5
/** Hashed without giving polls a turn: half a millisecond. */
const BLOCKS_PER_TURN = 16
/** @see echoArchive */
const MOST_EDITIONS = 2

/** Of all sizes and editions that are asked for: there are few. */
const remembered = new Map<string, Promise<TestArchive>>()

/**
 * Makes a test archive.
 *
 * @param size Bytes, at least 1,000.
 * @param edition 0 or 1; each has other bytes, as after an update.
 */
export function echoArchive(size: number, edition = 0): Promise<TestArchive> {
  const name = `${size} ${edition}`
  const known = remembered.get(name)
  if (known !== undefined) return known
  const made = describe(size, edition)
  remembered.set(name, made)
  return made
}

async function describe(size: number, edition: number): Promise<TestArchive> {
  const hash = createHash('sha256').update(HEADER)
  let [checksum, length] = [0, 0]
  for (const [index, content] of blockContents(size, edition).entries()) {
    hash.update(blockHeader(content.length, isLast(size, index))).update(content)
    checksum = crc32(content, checksum)
    length += content.length
    if (index % BLOCKS_PER_TURN === 0) await nextTurn()
  }
  const trailer = Buffer.alloc(TRAILER_BYTES)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(length, 4)
  const digest = hash.update(trailer).digest('hex')
  return {
    release: { number: 0, digest, size, filename: 'slipway-doctor.tar.gz' },
    open: (_, { start, length: wanted } = { start: 0, length: size }) =>
      Promise.resolve({
        size,
        chunks: part(pieces(size, edition, trailer), start, wanted),
        close: () => Promise.resolve(),
      }),
  }
}

/** Bytes of the blocks with their headers. */
function blockBytes(size: number): number {
  return size - HEADER.length - TRAILER_BYTES
}

function blockCount(size: number): number {
  return Math.ceil(blockBytes(size) / (BLOCK_HEADER_BYTES + LONGEST_BLOCK))
}

function isLast(size: number, index: number): boolean {
  return index === blockCount(size) - 1
}

/** What the blocks hold: the same bytes in each, as no window of gzip reaches from one to the next. */
function blockContents(size: number, edition: number): Buffer[] {
  const count = blockCount(size)
  const total = blockBytes(size) - count * BLOCK_HEADER_BYTES
  return Array.from({ length: count }, (_, index) => {
    // Shared out evenly: where a little more than a whole number of blocks is asked for, none is left without content.
    const end = Math.floor((total * (index + 1)) / count)
    return NOISE.subarray(edition, edition + end - Math.floor((total * index) / count))
  })
}

const NOISE = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(LONGEST_BLOCK + MOST_EDITIONS),
)

function blockHeader(length: number, last: boolean): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES)
  header[0] = last ? 1 : 0
  header.writeUInt16LE(length, 1)
  header.writeUInt16LE(~length & 0xffff, 3)
  return header
}

function* pieces(size: number, edition: number, trailer: Buffer): Generator<Buffer> {
  yield HEADER
  for (const [index, content] of blockContents(size, edition).entries()) {
    yield blockHeader(content.length, isLast(size, index))
    yield content
  }
  yield trailer
}

async function* part(all: Iterable<Buffer>, start: number, length: number): AsyncGenerator<Uint8Array> {
  let at = 0
  for (const piece of all) {
    const from = Math.max(start - at, 0)
    const to = Math.min(start + length - at, piece.length)
    if (from < to) yield piece.subarray(from, to)
    at += piece.length
    if (at >= start + length) return
  }
}
