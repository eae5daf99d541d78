import { paxMember } from '../support/archive-builder.ts'
import { describeHostileArchives, withMembers } from './hostile-archive.ts'
import type { HostileArchive } from './hostile-archive.ts'

const unsafe = (name: string, path: string): HostileArchive => ({
  name,
  code: 'archive-unsafe-path',
  bytes: () => withMembers({ path, content: 'x' }),
})
const invalid = (name: string, path: string | Buffer): HostileArchive => ({
  name,
  code: 'archive-invalid-path',
  bytes: () => withMembers({ path, content: 'x' }),
})
const byPax = (path: string) => () => withMembers({ path: 'harmless', content: 'x', pax: { path } })
const byGnuName = (path: string | Buffer) => () =>
  withMembers({ path: '././@LongLink', type: 'L', content: path }, { path: 'harmless', content: 'x' })

describeHostileArchives('paths', [
  unsafe('"../" in front', '../outside'),
  unsafe('".." in the middle', 'components/../../outside'),
  unsafe('".." that would stay within', 'components/../inside'),
  unsafe('".." at the end', 'components/..'),
  unsafe('".." behind "./"', './../outside'),
  unsafe('an absolute path', '/etc/cron.d/slipway'),
  unsafe('a path with two slashes in front', '//server/share'),
  unsafe('a drive letter', 'C:/Windows/outside'),
  unsafe('a drive letter without a slash', 'c:outside'),
  unsafe('a drive letter behind "./"', './C:/outside'),
  unsafe('backslashes', '..\\outside'),
  unsafe('a network path of Windows', '\\\\server\\share'),
  { name: '".." by PAX', code: 'archive-unsafe-path', bytes: byPax('../outside') },
  { name: 'an absolute path by PAX', code: 'archive-unsafe-path', bytes: byPax('/etc/passwd') },
  { name: '".." by a GNU long name', code: 'archive-unsafe-path', bytes: byGnuName('../outside\0') },
  {
    name: '".." in the ustar prefix',
    code: 'archive-unsafe-path',
    bytes: () => withMembers({ path: 'outside', content: 'x', alter: (header) => header.write('..', 345) }),
  },
  { name: 'a ".." folder', code: 'archive-unsafe-path', bytes: () => withMembers({ path: '../' }) },
  { name: 'an absolute folder', code: 'archive-unsafe-path', bytes: () => withMembers({ path: '/etc/' }) },
  invalid('a newline', 'components/a\nb'),
  invalid('an escape sequence', 'components/\u001b[2J'),
  invalid('a control character beyond ASCII', 'components/a\u0085b'),
  invalid('invalid UTF-8', Buffer.from([0x61, 0xff, 0xfe])),
  invalid('UTF-8 cut short', Buffer.from([0x61, 0xc3])),
  invalid('an overlong slash', Buffer.from([0x2e, 0x2e, 0xc0, 0xaf, 0x61])),
  invalid('a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80])),
  invalid('a file without a path', ''),
  invalid('a file called "."', '.'),
  { name: 'a NUL in a PAX path', code: 'archive-invalid-path', bytes: byPax('harmless\0/../../outside') },
  { name: 'a NUL in a GNU long name', code: 'archive-invalid-path', bytes: byGnuName('harmless\0outside') },
  {
    name: 'invalid UTF-8 by a GNU long name',
    code: 'archive-invalid-path',
    bytes: byGnuName(Buffer.from([0xff])),
  },
  {
    name: 'invalid UTF-8 by PAX',
    code: 'archive-invalid-path',
    bytes: () =>
      withMembers(
        paxMember(Buffer.concat([Buffer.from('9 path='), Buffer.from([0xff]), Buffer.from('\n')])),
        { path: 'harmless', content: 'x' },
      ),
  },
  {
    name: 'a file whose path ends with a slash',
    code: 'archive-invalid-path',
    bytes: () => withMembers({ path: 'components/odd/', type: '0', content: 'x' }),
  },
  {
    name: 'a file as the root',
    code: 'archive-invalid-path',
    bytes: () => withMembers({ path: '/', type: '0' }),
  },
  {
    name: 'a name of 256 bytes',
    code: 'archive-path-too-long',
    bytes: byPax(`components/${'n'.repeat(256)}`),
  },
  { name: 'a name of 86 letters and 258 bytes', code: 'archive-path-too-long', bytes: byPax('€'.repeat(86)) },
  {
    name: 'a path of 1,025 bytes',
    code: 'archive-path-too-long',
    bytes: byPax('folder/'.repeat(146) + 'abc'),
  },
  { name: 'a long GNU name', code: 'archive-path-too-long', bytes: byGnuName('folder/'.repeat(200)) },
  { name: 'a path of 65 folders', code: 'archive-path-too-long', bytes: byPax('f/'.repeat(65) + 'x') },
])
