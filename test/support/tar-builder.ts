import { gzipSync } from 'node:zlib'

/** A member of a tar archive to be written, sound or not. */
export interface TarMember {
  path: string | Buffer
  content?: Uint8Array | string
  /** The type flag: `0` a file, `5` a folder; the default follows from a trailing slash of the path. */
  type?: string
  mode?: number
  /** Seconds since 1970. */
  mtime?: number
  linkName?: string
  /** The size the header claims, where it is not that of the content; a Buffer is written as it is. */
  size?: number | Buffer
  /** Extended records, written as a PAX header (`x`) in front. */
  pax?: Record<string, string>
  /** The last touch to the 512 bytes of the header; the checksum is made after it. */
  alter?: (header: Buffer) => void
  /** `true` leaves the checksum as `alter` made it. */
  keepChecksum?: boolean
}

/** The bytes of a tar archive with these members, padded, with its end blocks (unless `end` is false). */
export function tarOf(members: readonly TarMember[], { end = true }: { end?: boolean } = {}): Buffer {
  return Buffer.concat([...members.flatMap(bytesOfMember), ...(end ? [Buffer.alloc(1024)] : [])])
}

/** A whole gzip member of these bytes; the same bytes for the same content. */
export function gzipOf(tar: Uint8Array, level = 6): Buffer {
  return gzipSync(tar, { level })
}

/** The member with its PAX header, its content and its padding, ready to be joined. */
export function bytesOfMember(member: TarMember): Buffer[] {
  const content = Buffer.from(member.content ?? '')
  const extended = member.pax ? bytesOfMember(paxMember(member.pax)) : []
  return [...extended, tarHeader(member, content.length), content, paddingAfter(content.length)]
}

/** The zeros between `size` bytes of content and the next block. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512)
}

/** A PAX header with exactly this text, or with these records written correctly. */
export function paxMember(records: Record<string, string> | string | Buffer, type = 'x'): TarMember {
  const content =
    typeof records === 'string' || Buffer.isBuffer(records)
      ? records
      : Object.entries(records)
          .map(([key, value]) => paxRecord(key, value))
          .join('')
  return { path: '././@PaxHeader', type, content }
}

/** One record, `30 mtime=1795423515.5805712\n`, whose length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (String(length).length + rest !== length) length = String(length).length + rest
  return `${length} ${key}=${value}\n`
}

/** The 512 bytes of a ustar header. */
export function tarHeader(member: TarMember, contentSize: number): Buffer {
  const header = Buffer.alloc(512)
  const name = Buffer.from(member.path)
  const type = member.type ?? (name.at(-1) === 0x2f ? '5' : '0')
  name.copy(header, 0, 0, 100)
  writeOctal(header, 100, 8, member.mode ?? (type === '5' ? 0o755 : 0o644))
  writeOctal(header, 108, 8, 0)
  writeOctal(header, 116, 8, 0)
  if (Buffer.isBuffer(member.size)) member.size.copy(header, 124, 0, 12)
  else writeOctal(header, 124, 12, member.size ?? contentSize)
  writeOctal(header, 136, 12, member.mtime ?? 1_795_423_515)
  header.write(type, 156, 'latin1')
  header.write(member.linkName ?? '', 157, 100)
  header.write('ustar\0' + '00', 257, 'latin1')
  header.write('root', 265, 'latin1')
  header.write('root', 297, 'latin1')
  member.alter?.(header)
  if (!member.keepChecksum) writeChecksum(header)
  return header
}

function writeOctal(header: Buffer, offset: number, length: number, value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), offset, length - 1, 'latin1')
}

function writeChecksum(header: Buffer): void {
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148, 'latin1')
}
