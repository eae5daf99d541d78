import { ArchiveRefused } from '../archive-refused.ts'
import { tarNumber } from './tar-number.ts'

export const BLOCK = 512

/** The 512 bytes in front of a member, as far as they matter here. */
export interface TarHeader {
  /** The path's bytes as they stand, prefix included. */
  path: Buffer
  size: number
  /** One character; `\0` stands in very old archives for a file. */
  type: string
}

const POSIX_MAGIC = Buffer.from('ustar\0' + '00', 'latin1')
const GNU_MAGIC = Buffer.from('ustar  \0', 'latin1')
const NO_MAGIC = Buffer.alloc(8)

/** Numbers that are not used here. Python gives the rest of the archive up, silently, where one is bad. */
const OTHER_NUMBERS: readonly [name: string, start: number, end: number][] = [
  ['mode', 100, 108],
  ['owner', 108, 116],
  ['group', 116, 124],
  ['time', 136, 148],
  ['device', 329, 337],
  ['device', 337, 345],
]

/**
 * Reads a header block. What different programs would read differently is refused, since a bot may see
 * another archive than the one that was inspected.
 *
 * @param at where the block starts in the unpacked bytes, for messages
 * @throws ArchiveRefused where it is no sound header
 */
export function readTarHeader(block: Buffer, at: number): TarHeader {
  const malformed = (what: string) =>
    new ArchiveRefused('archive-malformed-tar', `the tar header at byte ${at} ${what}`, { at })

  const checksum = tarNumber(block.subarray(148, 156))
  if (checksum === undefined || !checksums(block).includes(checksum)) {
    throw malformed('does not have the checksum it names: this is no tar archive, or a damaged one')
  }
  const magic = block.subarray(257, 265)
  const posix = magic.equals(POSIX_MAGIC)
  if (!posix && !magic.equals(GNU_MAGIC) && !magic.equals(NO_MAGIC)) {
    throw malformed('is of no known kind; expected is ustar, PAX or GNU')
  }
  const prefix = upToNul(block.subarray(345, 500))
  if (!posix && prefix.length > 0) {
    throw malformed('has bytes where some programs would read a path prefix and others would not')
  }
  for (const [name, start, end] of OTHER_NUMBERS) {
    if (tarNumber(block.subarray(start, end)) === undefined) throw malformed(`has no number for its ${name}`)
  }
  const size = tarNumber(block.subarray(124, 136))
  if (size === undefined || size < 0) {
    throw malformed('names no size that a member can have: it is negative, no number, or beyond all bounds')
  }
  const name = upToNul(block.subarray(0, 100))
  const path = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : Buffer.from(name)
  return { path, size, type: block.toString('latin1', 156, 157) }
}

/** The sum of all bytes with blanks in the place of the sum, unsigned; and signed, as some old programs had it. */
function checksums(block: Buffer): [unsigned: number, signed: number] {
  let unsigned = 256
  let signed = 256
  for (let index = 0; index < BLOCK; index++) {
    if (index >= 148 && index < 156) continue
    const byte = block[index] ?? 0
    unsigned += byte
    signed += byte < 128 ? byte : byte - 256
  }
  return [unsigned, signed]
}

function upToNul(field: Buffer): Buffer {
  const nul = field.indexOf(0)
  return nul < 0 ? field : field.subarray(0, nul)
}
