import { readdir, readFile } from 'node:fs/promises'
import { crc32, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import {
  anArchive,
  archiveMembers,
  aRasa2Archive,
  gzipOf,
  paxMember,
  tarOf,
} from '../support/archive-builder.ts'
import type { TarMember } from '../support/archive-builder.ts'
import { check, inspect, outcomeOf } from './inspect.ts'
import { soundTar, withHeader, withMembers } from './hostile-archive.ts'

const FIXTURES = new URL('../fixtures/archives/', import.meta.url)
const archives = (await readdir(FIXTURES)).filter((name) => name.endsWith('.tar.gz'))

describe('archives of released Rasa', () => {
  for (const name of archives) {
    const incomplete = /(missing|broken)-component/.test(name)
    it(`${incomplete ? 'refuses' : 'accepts'} ${name}`, async () => {
      const bytes = await readFile(new URL(name, FIXTURES))
      expect(await outcomeOf(inspect(bytes))).to.equal(incomplete ? 'archive-incomplete' : 'accepted')
      expect(await outcomeOf(inspect(bytes, { pieceSize: 29 }))).to.equal(
        incomplete ? 'archive-incomplete' : 'accepted',
      )
      expect(await outcomeOf(check(bytes))).to.equal('accepted')
    })
  }
})

/** Legal, if odd: other programs than Rasa pack so, or Rasa itself in another year. */
const legal: [name: string, bytes: () => Buffer][] = [
  ['what the builder makes of Rasa 3', () => anArchive()],
  ['what the builder makes of Rasa 2', () => aRasa2Archive()],
  ['a payload of many blocks', () => anArchive({ payloadBytes: 1_000_001 })],
  [
    'an empty-named root folder',
    () => gzipOf(tarOf([{ path: '', type: '5' }, ...archiveMembers().slice(1)])),
  ],
  ['no root folder', () => gzipOf(tarOf(archiveMembers().slice(1)))],
  ['"./" in front of all', () => repacked((path) => `./${path.replace(/^\//, '')}`)],
  ['"." within a path and doubled slashes', () => withMembers({ path: 'components/./a//b', content: 'x' })],
  [
    'no entries for folders',
    () => gzipOf(tarOf(archiveMembers().filter(({ path }) => !String(path).endsWith('/')))),
  ],
  [
    'a folder that comes after what lies in it',
    () => withMembers({ path: 'late/file', content: '1' }, { path: 'late/' }),
  ],
  ['a folder without its slash', () => withMembers({ path: 'components/odd', type: '5' })],
  ['an old header without a type', () => withMembers({ path: 'components/odd', type: '\0', content: 'x' })],
  ['an old folder without a type', () => withMembers({ path: 'components/odd/', type: '\0' })],
  ['an old header without a magic', () => withHeader((header) => header.fill(0, 257))],
  ['a GNU header', () => withHeader((header) => header.write('ustar  \0', 257, 'latin1'))],
  ['numbers padded with blanks', () => withHeader((header) => header.write('      1 ', 116))],
  [
    'a size in base 256',
    () => withMembers({ path: 'odd', content: 'x', size: Buffer.from([0x80, ...Buffer.alloc(10), 1]) }),
  ],
  ['a time before 1970', () => withHeader((header) => header.fill(0xff, 136, 148))],
  [
    'a GNU long name',
    () =>
      withMembers(
        { path: '././@LongLink', type: 'L', content: `components/${'n'.repeat(200)}\0` },
        { path: 'cut', content: 'x' },
      ),
  ],
  [
    'a PAX path',
    () => withMembers({ path: 'cut', content: 'x', pax: { path: `components/${'ü'.repeat(100)}` } }),
  ],
  [
    'a PAX size where the header has none',
    () => withMembers({ path: 'odd', content: 'x', size: 0, pax: { size: '1' } }),
  ],
  [
    'a global PAX comment',
    () => gzipOf(tarOf([paxMember({ comment: 'made by hand' }, 'g'), ...archiveMembers()])),
  ],
  [
    'a PAX value that is not text',
    () =>
      withMembers(
        paxMember(Buffer.concat([Buffer.from('13 LIBA.x='), Buffer.from([0, 255]), Buffer.from('\n')])),
        { path: 'odd' },
      ),
  ],
  ['a name of 255 bytes', () => withMembers({ path: 'cut', content: 'x', pax: { path: 'n'.repeat(255) } })],
  ['accents and other scripts', () => withMembers({ path: 'components/crêpe-面包-🍞', content: 'x' })],
  ['blanks, quotes and colons', () => withMembers({ path: 'components/a "b": c', content: 'x' })],
  [
    'zeros to a full record',
    () => gzipOf(Buffer.concat([soundTar(), Buffer.alloc(10_240 - (soundTar().length % 10_240))])),
  ],
  ['much padding with zeros', () => gzipOf(Buffer.concat([soundTar(), Buffer.alloc(1_000_001)]))],
  ['gzip without compression', () => gzipSync(soundTar(), { level: 0 })],
  ['a gzip header with everything', () => withGzipHeader(soundTar())],
  [
    'NaN and Infinity in metadata.json',
    () =>
      anArchive({
        members: [metadataWith('"a": [NaN, Infinity, -Infinity]')],
      }),
  ],
  [
    '64 levels in metadata.json',
    () =>
      anArchive({
        members: [metadataWith(`"b": ${'['.repeat(63)}${']'.repeat(63)}`)],
      }),
  ],
  [
    'an intent called "constructor"',
    () => anArchive({ metadata: { domain: { intents: ['constructor', 'prototype'] } } }),
  ],
]

describe('legal oddities', () => {
  for (const [name, bytes] of legal) {
    it(`accepts ${name}`, async () => {
      const archive = bytes()
      expect(await outcomeOf(inspect(archive))).to.equal('accepted')
      expect(await outcomeOf(inspect(archive, { pieceSize: Math.max(7, archive.length >> 10) }))).to.equal(
        'accepted',
      )
      expect(await outcomeOf(check(archive))).to.equal('accepted')
    })
  }

  it('accepts exactly as many members as are allowed', async () => {
    const limits = { ...DEFAULT_ARCHIVE_LIMITS, members: archiveMembers().length - 1 }
    expect((await inspect(anArchive(), { limits })).members).to.equal(limits.members + 1)
    limits.members -= 1
    expect(await outcomeOf(inspect(anArchive(), { limits }))).to.equal('archive-too-many-members')
  })

  it('accepts exactly as many unpacked bytes as are allowed', async () => {
    const limits = { ...DEFAULT_ARCHIVE_LIMITS, unpackedBytes: soundTar().length }
    expect((await inspect(gzipOf(soundTar()), { limits })).unpackedSize).to.equal(limits.unpackedBytes)
    limits.unpackedBytes -= 1
    expect(await outcomeOf(inspect(gzipOf(soundTar()), { limits }))).to.equal('archive-unpacks-too-large')
  })
})

function repacked(rename: (path: string) => string): Buffer {
  return gzipOf(
    tarOf(archiveMembers().map((member): TarMember => ({ ...member, path: rename(String(member.path)) }))),
  )
}

function withGzipHeader(tar: Buffer): Buffer {
  const plain = gzipOf(tar)
  const flags = 0x01 | 0x02 | 0x04 | 0x08 | 0x10
  const fixed = Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3])
  const header = Buffer.concat([fixed, Buffer.from('\x03\0abcname\0comment\0', 'latin1')])
  const checksum = Buffer.alloc(2)
  checksum.writeUInt16LE(crc32(header) & 0xffff)
  return Buffer.concat([header, checksum, plain.subarray(10)])
}

/** The builder's metadata.json with one more key, as text. */
function metadataWith(more: string): TarMember {
  const metadata = archiveMembers().find(({ path }) => path === 'metadata.json')
  return { path: 'metadata.json', content: String(metadata?.content).replace(/\n\}$/, `,\n${more}\n}`) }
}
