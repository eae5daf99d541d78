import { crc32 } from 'node:zlib'
import { ArchiveRefused } from '../archive-refused.ts'

const FLAG_HEADER_CRC = 0x02
const FLAG_EXTRA = 0x04
const FLAG_NAME = 0x08
const FLAG_COMMENT = 0x10
const FLAGS_RESERVED = 0xe0

/** An extra field has at most 65,535 bytes; names are short. Nothing honest comes near. */
const LONGEST_HEADER = 128 * 1024

/**
 * How many bytes the gzip header at the start of `bytes` takes, or `undefined` while it is not complete
 * (RFC 1952 §2.3).
 *
 * @throws ArchiveRefused where this is no gzip or the header is damaged
 */
export function gzipHeaderLength(bytes: Buffer): number | undefined {
  if ((bytes[0] ?? 0x1f) !== 0x1f || (bytes[1] ?? 0x8b) !== 0x8b) {
    throw new ArchiveRefused(
      'archive-not-gzip',
      `the archive starts with ${startOf(bytes)}, not with the gzip signature 1f 8b; expected is a .tar.gz as rasa train writes it`,
    )
  }
  const [, , method, flags] = bytes
  if (method !== undefined && method !== 8) throw damaged(`names compression method ${method}; only 8 exists`)
  if (flags === undefined) return undefined
  if (flags & FLAGS_RESERVED) throw damaged('sets reserved flags')

  let length: number | undefined = 10
  if (flags & FLAG_EXTRA) length = afterExtra(bytes, length)
  if (flags & FLAG_NAME) length = afterText(bytes, length)
  if (flags & FLAG_COMMENT) length = afterText(bytes, length)
  if (flags & FLAG_HEADER_CRC) length = afterHeaderCrc(bytes, length)
  if (length !== undefined && length <= bytes.length) return length
  if (bytes.length > LONGEST_HEADER) throw damaged(`does not end within ${LONGEST_HEADER} bytes`)
  return undefined
}

function afterExtra(bytes: Buffer, start: number): number | undefined {
  return bytes.length < start + 2 ? undefined : start + 2 + bytes.readUInt16LE(start)
}

function afterText(bytes: Buffer, start: number | undefined): number | undefined {
  if (start === undefined) return undefined
  const end = bytes.indexOf(0, start)
  return end < 0 ? undefined : end + 1
}

function afterHeaderCrc(bytes: Buffer, start: number | undefined): number | undefined {
  if (start === undefined || bytes.length < start + 2) return undefined
  if (bytes.readUInt16LE(start) !== (crc32(bytes.subarray(0, start)) & 0xffff)) {
    throw damaged('does not have the checksum it names')
  }
  return start + 2
}

function damaged(how: string): ArchiveRefused {
  return new ArchiveRefused('archive-corrupt', `the gzip header ${how}`)
}

function startOf(bytes: Buffer): string {
  return bytes
    .subarray(0, 4)
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
}
