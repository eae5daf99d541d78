import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { archiveMembers, gzipOf, paxMember, paxRecord, tarOf } from '../support/archive-builder.ts'
import type { TarMember } from '../support/archive-builder.ts'
import { describeHostileArchives, soundTar, withHeader, withMembers } from './hostile-archive.ts'
import type { HostileArchive } from './hostile-archive.ts'

const malformedHeader = (
  name: string,
  alter: (header: Buffer) => void,
  keepChecksum = false,
): HostileArchive => ({ name, code: 'archive-malformed-tar', bytes: () => withHeader(alter, keepChecksum) })

const malformed = (name: string, ...members: TarMember[]): HostileArchive => ({
  name,
  code: 'archive-malformed-tar',
  bytes: () => withMembers(...members),
})

const pax = (name: string, records: string | Buffer, type = 'x'): HostileArchive =>
  malformed(name, paxMember(records, type), { path: 'components/odd', content: 'x' })

const sized = (name: string, size: number | Buffer, code: HostileArchive['code']): HostileArchive => ({
  name,
  code,
  bytes: () => withMembers({ path: 'components/odd', size }),
})

const base256 = (...bytes: number[]) => Buffer.from([...bytes, ...Buffer.alloc(12)].slice(0, 12))

describeHostileArchives('tar headers', [
  { name: 'noise', code: 'archive-malformed-tar', bytes: () => gzipOf(Buffer.alloc(2048, 'noise')) },
  malformedHeader('a wrong checksum', (header) => header.write('0000001', 148), true),
  malformedHeader('a checksum that is no number', (header) => header.write('checksum', 148), true),
  malformedHeader('an unknown kind of header', (header) => header.write('usta!', 257)),
  malformedHeader('a GNU header with bytes where others read a prefix', (header) => {
    header.write('ustar  \0', 257, 'latin1')
    header.write('../outside', 345)
  }),
  malformedHeader('a mode that is no number', (header) => header.write('rw-r--r', 100)),
  malformedHeader('an owner that is no number', (header) => header.write('root', 108)),
  malformedHeader('a time that is no number', (header) => header.write('yesterday', 136)),
  malformedHeader('a device that is no number', (header) => header.write('x', 329)),
  malformedHeader('a size that is no number', (header) => header.write('9', 124)),
  malformedHeader('a size with a sign', (header) => header.write('-1\0', 124)),
  malformedHeader('a size in hexadecimal', (header) => header.write('0x10\0', 124)),
  sized('a negative size', Buffer.alloc(12, 0xff), 'archive-malformed-tar'),
  sized('a size of minus a great deal', base256(0xff, 0x80), 'archive-malformed-tar'),
  sized('a size of 2 ** 87', base256(0x80, 0x80), 'archive-malformed-tar'),
  sized('a size of an unknown encoding', base256(0x90, 1), 'archive-malformed-tar'),
  sized('a size of 30 GiB', base256(0x80, 0, 0, 0, 0, 0, 0, 7, 0x80), 'archive-unpacks-too-large'),
  sized('a size beyond what follows', 0o7777777, 'archive-truncated'),
  sized('a size that is one block short of the content', 512 * 1000, 'archive-truncated'),
  malformed('a size that is smaller than the content', {
    path: 'components/odd',
    content: Buffer.alloc(2048, 1),
    size: 512,
  }),
  malformed('a folder with content', { path: 'components/odd/', content: 'x' }),
  malformed('a folder with a size alone', { path: 'components/odd/', size: 512 }),
  malformed('a folder with a size by PAX', { path: 'components/odd/', pax: { size: '512' } }),
])

describeHostileArchives('tar structure', [
  { name: 'no end blocks', code: 'archive-truncated', bytes: () => gzipOf(soundTar().subarray(0, -1024)) },
  { name: 'one end block', code: 'archive-truncated', bytes: () => gzipOf(soundTar().subarray(0, -512)) },
  {
    name: 'an end block cut short',
    code: 'archive-truncated',
    bytes: () => gzipOf(soundTar().subarray(0, -1)),
  },
  { name: 'a header cut short', code: 'archive-truncated', bytes: () => gzipOf(soundTar().subarray(0, 700)) },
  {
    name: 'content cut short',
    code: 'archive-truncated',
    bytes: () => gzipOf(soundTar().subarray(0, -2000)),
  },
  {
    name: 'data after the end',
    code: 'archive-trailing-data',
    bytes: () => gzipOf(Buffer.concat([soundTar(), Buffer.from('junk')])),
  },
  {
    name: 'a second tar after the end',
    code: 'archive-trailing-data',
    bytes: () => gzipOf(Buffer.concat([soundTar(), soundTar()])),
  },
  {
    name: 'data after much padding',
    code: 'archive-trailing-data',
    bytes: () => gzipOf(Buffer.concat([soundTar(), Buffer.alloc(100_000), Buffer.from([1])])),
  },
  {
    name: 'a block of zeros between members',
    code: 'archive-malformed-tar',
    bytes: () => {
      const [first, ...others] = archiveMembers({ modelId: '0' })
      return gzipOf(Buffer.concat([tarOf([first!], { end: false }), Buffer.alloc(512), tarOf(others)]))
    },
  },
  {
    name: 'two blocks of zeros between members',
    code: 'archive-trailing-data',
    bytes: () => {
      const [first, ...others] = archiveMembers({ modelId: '0' })
      return gzipOf(Buffer.concat([tarOf([first!]), tarOf(others)]))
    },
  },
])

describeHostileArchives('PAX records', [
  pax('no length', 'path=components/odd\n'),
  pax('a length of zero', '0 path=odd\n'),
  pax('a length with a leading zero', '010 a=bcd\n'),
  pax('a negative length', '-9 a=bcd\n'),
  pax('a length with a plus', '+9 a=bcd\n'),
  pax('a length of 30 digits', '9'.repeat(30) + ' a=b\n'),
  pax('a length beyond the header', '99 a=bcd\n'),
  pax('a length one too small', '8 a=bcd\n\n'),
  pax('a length one too large', '10 a=bcd\n'),
  pax('a length alone', '2 '),
  pax('no equals sign', '9 abcdef\n'),
  pax('no key', '9 =bcdef\n'),
  pax('no newline', '9 a=bcdef'),
  pax('a NUL in the key', '9 a\0=bcd\n'),
  pax('a key that is not UTF-8', Buffer.from([...Buffer.from('9 '), 0xff, ...Buffer.from('=bcde\n')])),
  pax('NULs after the last record', '9 a=bcde\n\0\0\0'),
  pax('an empty header', ''),
  pax('an empty path', paxRecord('path', '')),
  pax('two paths', paxRecord('path', 'a') + paxRecord('path', 'b')),
  pax('a negative size', paxRecord('size', '-1')),
  pax('a size with a fraction', paxRecord('size', '1.5')),
  pax('a size of 20 digits', paxRecord('size', '9'.repeat(20))),
  pax('a size beyond 2 ** 53', paxRecord('size', '9999999999999999')),
  pax('a size other than that of the header', paxRecord('size', '600')),
  pax('a header of 70,000 bytes', paxRecord('comment', 'c'.repeat(70_000))),
  pax('a global path', paxRecord('path', '../outside'), 'g'),
  pax('a global size', paxRecord('size', '1'), 'g'),
  pax('a malformed global record', '9 abcdef\n', 'g'),
  malformed('two headers for one member', paxMember({ a: 'b' }), paxMember({ a: 'b' }), { path: 'odd' }),
  malformed('two GNU long names for one member', gnu('a\0'), gnu('b\0'), { path: 'odd' }),
  malformed('a GNU long name other than the PAX path', gnu('a\0'), { path: 'odd', pax: { path: 'b' } }),
  malformed('an empty GNU long name', gnu('\0'), { path: 'odd' }),
  malformed('a GNU long name of 70,000 bytes', gnu('n'.repeat(70_000)), { path: 'odd' }),
  {
    name: 'a header that no member follows',
    code: 'archive-malformed-tar',
    bytes: () => gzipOf(tarOf([...archiveMembers({ modelId: '0' }), paxMember({ a: 'b' })])),
  },
  {
    name: 'a size beyond the limit',
    code: 'archive-unpacks-too-large',
    bytes: () =>
      withMembers({ path: 'odd', pax: { size: String(DEFAULT_ARCHIVE_LIMITS.unpackedBytes + 1) } }),
  },
])

function gnu(content: string): TarMember {
  return { path: '././@LongLink', type: 'L', content }
}
