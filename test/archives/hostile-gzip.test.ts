import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { anArchive, gzipOf, noise } from '../support/archive-builder.ts'
import { describeHostileArchives, soundTar } from './hostile-archive.ts'

const archive = () => anArchive({ modelId: '0'.repeat(32) })
const altered = (alter: (bytes: Buffer) => void) => () => {
  const bytes = archive()
  alter(bytes)
  return bytes
}
const followedBy =
  (...bytes: number[]) =>
  () =>
    Buffer.concat([archive(), Buffer.from(bytes)])
const header = (flags: number, rest: Buffer) => () =>
  Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255]), rest])

describeHostileArchives('gzip', [
  { name: 'no bytes at all', code: 'archive-truncated', bytes: () => Buffer.alloc(0) },
  { name: 'one byte', code: 'archive-truncated', bytes: () => Buffer.from([0x1f]) },
  {
    name: 'a page of HTML',
    code: 'archive-not-gzip',
    bytes: () => Buffer.from('<!doctype html><title>Login</title>'),
  },
  { name: 'a plain tar', code: 'archive-not-gzip', bytes: soundTar },
  {
    name: 'a zip',
    code: 'archive-not-gzip',
    bytes: () => Buffer.from('PK\x03\x04'.padEnd(60, '\0'), 'latin1'),
  },
  { name: 'a zlib stream', code: 'archive-not-gzip', bytes: () => deflateSync(soundTar()) },
  { name: 'a bare deflate stream', code: 'archive-not-gzip', bytes: () => deflateRawSync(soundTar()) },
  { name: 'zeros', code: 'archive-not-gzip', bytes: () => Buffer.alloc(1000) },
  {
    name: 'the first half of the signature',
    code: 'archive-not-gzip',
    bytes: altered((bytes) => (bytes[1] = 0x8c)),
  },
  { name: 'a compression method of 7', code: 'archive-corrupt', bytes: altered((bytes) => (bytes[2] = 7)) },
  { name: 'reserved header flags', code: 'archive-corrupt', bytes: altered((bytes) => (bytes[3] = 0x20)) },
  {
    name: 'a header cut in its fixed part',
    code: 'archive-truncated',
    bytes: () => archive().subarray(0, 7),
  },
  { name: 'a header cut in its name', code: 'archive-truncated', bytes: header(8, Buffer.from('bakery')) },
  {
    name: 'a header cut in its extra field',
    code: 'archive-truncated',
    bytes: header(4, Buffer.from([255, 0, 1])),
  },
  { name: 'a name that never ends', code: 'archive-corrupt', bytes: header(8, Buffer.alloc(200_000, 'a')) },
  {
    name: 'a header with a wrong checksum of its own',
    code: 'archive-corrupt',
    bytes: header(2, Buffer.concat([Buffer.from([1, 2]), deflateRawSync(soundTar())])),
  },
  {
    name: 'noise behind a gzip header',
    code: 'archive-corrupt',
    bytes: header(0, Buffer.concat([Buffer.from([6]), noise('n', 5000)])),
  },
  {
    name: 'an archive cut at 60 %',
    code: 'archive-truncated',
    bytes: () => archive().subarray(0, 0.6 * archive().length),
  },
  {
    name: 'an archive without its last ten bytes',
    code: 'archive-truncated',
    bytes: () => archive().subarray(0, -10),
  },
  {
    name: 'an archive without its trailer',
    code: 'archive-truncated',
    bytes: () => archive().subarray(0, -8),
  },
  {
    name: 'an archive without its last byte',
    code: 'archive-truncated',
    bytes: () => archive().subarray(0, -1),
  },
  {
    name: 'another CRC in the trailer',
    code: 'archive-corrupt',
    bytes: altered((bytes) => (bytes[bytes.length - 8]! ^= 1)),
  },
  {
    name: 'another length in the trailer',
    code: 'archive-corrupt',
    bytes: altered((bytes) => (bytes[bytes.length - 4]! ^= 1)),
  },
  { name: 'one byte more', code: 'archive-trailing-data', bytes: followedBy(7) },
  { name: 'one NUL more', code: 'archive-trailing-data', bytes: followedBy(0) },
  {
    name: 'a NUL and then junk',
    code: 'archive-trailing-data',
    bytes: followedBy(0, ...Buffer.from('junk')),
  },
  { name: 'half a gzip signature more', code: 'archive-trailing-data', bytes: followedBy(0x1f) },
  {
    name: 'padding with zeros',
    code: 'archive-trailing-data',
    bytes: () => Buffer.concat([archive(), Buffer.alloc(4096)]),
  },
  {
    name: 'the same archive twice',
    code: 'archive-multiple-members',
    bytes: () => Buffer.concat([archive(), archive()]),
  },
  {
    name: 'a tar in two gzip members',
    code: 'archive-multiple-members',
    bytes: () => Buffer.concat([gzipSync(soundTar().subarray(0, 1024)), gzipSync(soundTar().subarray(1024))]),
  },
  {
    name: 'an empty second member',
    code: 'archive-multiple-members',
    bytes: () => Buffer.concat([archive(), gzipSync('')]),
  },
  {
    name: 'gzip in gzip',
    code: 'archive-malformed-tar',
    bytes: () => gzipOf(Buffer.concat([archive(), Buffer.alloc(1024, 1)])),
  },
  { name: 'gzip of nothing', code: 'archive-truncated', bytes: () => gzipSync('') },
])
