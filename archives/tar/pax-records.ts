import { ArchiveRefused } from '../archive-refused.ts'

/** The records of a PAX header that change what a member is. */
export interface PaxRecords {
  path?: Buffer
  size?: number
}

const SPACE = 0x20
const EQUALS = 0x3d
const NEWLINE = 0x0a

/**
 * Reads `length key=value\n` records, strictly: what one program skips and another takes is refused.
 *
 * @param scope whether they are for the next member alone (`x`) or for all that follow (`g`)
 * @throws ArchiveRefused where a record is malformed, or describes something other than a file or folder
 */
export function readPaxRecords(bytes: Buffer, scope: 'x' | 'g'): PaxRecords {
  const records: PaxRecords = {}
  const seen = new Set<string>()
  for (let start = 0; start < bytes.length;) {
    const { key, value, next } = readRecord(bytes, start)
    if (RELEVANT.has(key)) {
      if (scope === 'g') throw malformed(`gives all members one ${key}`)
      if (seen.has(key)) throw malformed(`names ${key} twice`)
      if (value.length === 0) throw malformed(`leaves ${key} empty`)
      seen.add(key)
    }
    if (key.startsWith('GNU.sparse.')) {
      throw new ArchiveRefused(
        'archive-unsafe-member',
        'a PAX header makes a sparse file; expected are files and folders',
      )
    }
    if (key === 'path') records.path = Buffer.from(value)
    if (key === 'size') records.size = decimal(value)
    start = next
  }
  return records
}

const RELEVANT: ReadonlySet<string> = new Set(['path', 'linkpath', 'size'])

function readRecord(bytes: Buffer, start: number): { key: string; value: Buffer; next: number } {
  const space = bytes.indexOf(SPACE, start)
  // 20 digits are more than any length has; looking no further keeps a hostile header cheap.
  const digits = space < 0 || space - start > 20 ? '' : bytes.toString('latin1', start, space)
  if (!/^[1-9]\d*$/.test(digits)) throw malformed('has a record that does not start with its length')
  const next = start + Number(digits)
  if (next > bytes.length) throw malformed('has a record longer than the header')
  const equals = bytes.indexOf(EQUALS, space)
  if (equals < 0 || equals >= next - 1) throw malformed('has a record without "="')
  if (equals === space + 1) throw malformed('has a record without a key')
  if (bytes[next - 1] !== NEWLINE) throw malformed('has a record that does not end where its length says')
  const key = bytes.toString('utf8', space + 1, equals)
  if (key.includes('\ufffd') || key.includes('\0')) throw malformed('has a key that is not text')
  return { key, value: bytes.subarray(equals + 1, next - 1), next }
}

function decimal(value: Buffer): number {
  const text = value.toString('latin1')
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) throw malformed('names a size that is no size')
  return number
}

function malformed(what: string): ArchiveRefused {
  return new ArchiveRefused(
    'archive-malformed-tar',
    `a PAX header ${what}; expected are "length key=value" lines (POSIX.1-2001, pax)`,
  )
}
