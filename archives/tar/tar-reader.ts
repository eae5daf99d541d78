import type { ArchiveLimits } from '../archive-limits.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import { memberPath } from './member-path.ts'
import { ExtendedHeaders } from './extended-headers.ts'
import { MemberTree } from './member-tree.ts'
import { shownName } from '../shown-name.ts'
import { BLOCK, readTarHeader } from './tar-header.ts'
import type { TarHeader } from './tar-header.ts'

/** A file or folder of the archive. */
export interface TarMember {
  /** Without slashes at the ends; empty for the root folder. */
  path: string
  segments: readonly string[]
  kind: 'file' | 'folder'
  size: number
}

/** Says what gets the content of a member, piece by piece; the pieces are parts of a chunk, to be copied. */
export type WantContent = (member: TarMember) => ((content: Buffer) => void) | undefined

const ZEROS = Buffer.alloc(BLOCK)

/**
 * Reads a tar archive as its bytes stream by: looks at headers alone, and hands on the content only of those
 * members that are wanted.
 */
export class TarReader {
  readonly tree: MemberTree
  readonly #limits: ArchiveLimits
  readonly #wanted: WantContent
  readonly #extended = new ExtendedHeaders()
  /** A header of which the chunk before had only the beginning. */
  readonly #partial = Buffer.alloc(BLOCK)
  #partialLength = 0
  /** Bytes of content, and then of padding, before the next header. */
  #content = 0
  #padding = 0
  #sink: ((content: Buffer) => void) | undefined
  #current = ''
  #zeroBlocks = 0
  #offset = 0
  #members = 0

  /** @param wanted called for each member, before its content */
  constructor(limits: ArchiveLimits, wanted: WantContent = () => undefined) {
    this.#limits = limits
    this.#wanted = wanted
    this.tree = new MemberTree(limits.members)
  }

  get members(): number {
    return this.#members
  }

  /** @throws ArchiveRefused as soon as something is seen that must not be there */
  push(chunk: Buffer): void {
    let position = 0
    while (position < chunk.length) position = this.#step(chunk, position)
    this.#offset += chunk.length
  }

  /** @throws ArchiveRefused where the archive ends before its end blocks */
  end(): void {
    if (this.#zeroBlocks >= 2) return
    const where =
      this.#content > 0
        ? `${this.#content} bytes before the end of "${this.#current}"`
        : 'before the two blocks of zeros that end every tar archive'
    throw new ArchiveRefused('archive-truncated', `the tar archive ends ${where}; it was cut, or damaged`)
  }

  #step(chunk: Buffer, position: number): number {
    if (this.#content > 0) {
      const piece = chunk.subarray(position, position + this.#content)
      this.#sink?.(piece)
      this.#content -= piece.length
      if (this.#content === 0) this.#sink = undefined
      return position + piece.length
    }
    if (this.#padding > 0) {
      const skipped = Math.min(this.#padding, chunk.length - position)
      this.#padding -= skipped
      return position + skipped
    }
    if (this.#zeroBlocks >= 2) return this.#onlyZeros(chunk, position)
    if (this.#partialLength === 0 && chunk.length - position >= BLOCK) {
      this.#block(chunk.subarray(position, position + BLOCK), this.#offset + position)
      return position + BLOCK
    }
    const copied = chunk.copy(this.#partial, this.#partialLength, position)
    this.#partialLength += copied
    if (this.#partialLength === BLOCK) {
      this.#partialLength = 0
      this.#block(this.#partial, this.#offset + position + copied - BLOCK)
    }
    return position + copied
  }

  #onlyZeros(chunk: Buffer, position: number): number {
    for (let start = position; start < chunk.length; start += BLOCK) {
      const piece = chunk.subarray(start, start + BLOCK)
      if (piece.compare(ZEROS, 0, piece.length) !== 0) {
        throw new ArchiveRefused(
          'archive-trailing-data',
          'something other than zeros follows the end of the tar archive; programs differ in whether they read it',
        )
      }
    }
    return chunk.length
  }

  #block(block: Buffer, at: number): void {
    if (block.equals(ZEROS)) {
      this.#extended.expectNone()
      this.#zeroBlocks += 1
      return
    }
    if (this.#zeroBlocks === 1) {
      throw malformed(
        `goes on at byte ${at} after a single block of zeros; programs differ in whether they read that`,
      )
    }
    const header = readTarHeader(block, at)
    if (ExtendedHeaders.is(header.type)) {
      // The others are bounded by the members that they belong to.
      if (header.type === 'g') this.tree.count()
      this.#expectContent(header.size, this.#extended.begin(header))
    } else {
      this.#begin(header)
    }
  }

  #begin(header: TarHeader): void {
    const { path, size } = this.#extended.applyTo(header)
    const kind = kindOf(header.type, path)
    const segments = memberPath(path, kind === 'folder', this.#limits)
    const member = { path: segments.join('/'), segments, kind, size }
    this.#current = shownName(member.path)
    if (kind === 'folder' && size > 0) {
      throw malformed(`has a folder "${this.#current}" with ${size} bytes of content; a folder has none`)
    }
    if (size > this.#limits.unpackedBytes) {
      throw new ArchiveRefused(
        'archive-unpacks-too-large',
        `the member "${this.#current}" is to have ${size} bytes; the whole archive may unpack to ${this.#limits.unpackedBytes}`,
        { member: this.#current, limit: this.#limits.unpackedBytes },
      )
    }
    this.tree.add(segments, kind, size)
    this.#members += 1
    this.#expectContent(size, this.#wanted(member))
  }

  #expectContent(size: number, sink: ((content: Buffer) => void) | undefined): void {
    this.#content = size
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK
    this.#sink = size > 0 ? sink : undefined
  }
}

const OTHER_KINDS: Readonly<Record<string, string>> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a character device',
  4: 'a block device',
  6: 'a FIFO',
  7: 'a contiguous file',
  S: 'a sparse file',
  M: 'the continuation of a file in another volume',
  D: 'a GNU folder listing',
  V: 'a volume label',
}

function kindOf(type: string, path: Buffer): 'file' | 'folder' {
  if (type === '0') return 'file'
  if (type === '5') return 'folder'
  // Before POSIX a folder was a file whose path ends with a slash; Python still reads it so.
  if (type === '\0') return path.at(-1) === 0x2f ? 'folder' : 'file'
  const member = shownName(path.toString())
  throw new ArchiveRefused(
    'archive-unsafe-member',
    `the member "${member}" is ${OTHER_KINDS[type] ?? `of the unknown type "${shownName(type)}"`}; expected are files and folders alone`,
    { member },
  )
}

function malformed(what: string): ArchiveRefused {
  return new ArchiveRefused('archive-malformed-tar', `the tar archive ${what}`)
}
