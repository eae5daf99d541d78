import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { describeHostileArchives, withMembers } from './hostile-archive.ts'
import type { HostileArchive } from './hostile-archive.ts'

const ofType = (name: string, type: string): HostileArchive => ({
  name,
  code: 'archive-unsafe-member',
  bytes: () => withMembers({ path: 'components/odd', type, linkName: 'metadata.json' }),
})
const twice = (name: string, first: string, second: string): HostileArchive => ({
  name,
  code: 'archive-duplicate-member',
  bytes: () => withMembers(member(first), member(second)),
})
const member = (path: string) => ({ path, content: path.endsWith('/') ? '' : 'x' })
const few = { ...DEFAULT_ARCHIVE_LIMITS, members: 20 }

describeHostileArchives('members', [
  ofType('a symbolic link', '2'),
  ofType('a hard link', '1'),
  ofType('a character device', '3'),
  ofType('a block device', '4'),
  ofType('a FIFO', '6'),
  ofType('a contiguous file', '7'),
  ofType('a GNU sparse file', 'S'),
  ofType('a GNU folder listing', 'D'),
  ofType('a volume label', 'V'),
  ofType('the continuation of a volume', 'M'),
  ofType('a Solaris header', 'X'),
  ofType('a Solaris access list', 'A'),
  ofType('an unknown type', 'z'),
  ofType('a type that is a control character', '\u0001'),
  ofType('a type beyond ASCII', '\u00ff'),
  {
    name: 'a symbolic link that leaves the archive',
    code: 'archive-unsafe-member',
    bytes: () => withMembers({ path: 'components/odd', type: '2', linkName: '../../../etc' }),
  },
  {
    name: 'a symbolic link by PAX',
    code: 'archive-unsafe-member',
    bytes: () => withMembers({ path: 'odd', type: '2', pax: { linkpath: '/etc' } }),
  },
  {
    name: 'a sparse file by PAX',
    code: 'archive-unsafe-member',
    bytes: () => withMembers({ path: 'odd', content: 'x', pax: { 'GNU.sparse.major': '1' } }),
  },
  twice('the same path twice', 'components/a', 'components/a'),
  twice('a second metadata.json', 'metadata.json', 'other'),
  twice('the same path with and without "./"', 'components/a', './components/a'),
  twice('the same path with a doubled slash', 'components/a', 'components//a'),
  twice('two paths that differ in case', 'components/a', 'components/A'),
  twice('two folders that differ in case', 'components/one/a', 'components/One/b'),
  twice('METADATA.JSON beside metadata.json', 'components/a', 'METADATA.JSON'),
  twice('two paths that differ in how an accent is written', 'components/\u00e9', 'components/e\u0301'),
  twice('a file used as a folder', 'components/a', 'components/a/b'),
  twice('a folder used as a file', 'components/a/b', 'components/a'),
  twice('the same folder twice', 'components/a/', 'components/a/'),
  twice('a file and a folder of one name', 'components/a', 'components/a/'),
  twice('the root twice', './', 'components/a'),
  {
    name: 'too many members',
    code: 'archive-too-many-members',
    bytes: () =>
      withMembers(...Array.from({ length: 20 }, (_, index) => ({ path: `f${index}`, content: '' }))),
    limits: few,
  },
  {
    name: 'few members in too many folders',
    code: 'archive-too-many-members',
    bytes: () => withMembers({ path: 'f/'.repeat(30) + 'x', content: '' }),
    limits: few,
  },
  {
    name: 'few members behind too many global headers',
    code: 'archive-too-many-members',
    bytes: () =>
      withMembers(...Array.from({ length: 20 }, () => ({ path: 'g', type: 'g', content: '9 a=bcde\n' }))),
    limits: few,
  },
  {
    name: '1,001 members where 1,000 are allowed',
    code: 'archive-too-many-members',
    bytes: () => withMembers(...Array.from({ length: 1001 }, (_, index) => ({ path: `f${index}` }))),
    limits: { ...DEFAULT_ARCHIVE_LIMITS, members: 1000 },
  },
])
