import { createReadStream } from 'node:fs'
import path from 'node:path'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { TarReader } from '../../archives/tar/tar-reader.ts'
import { anArchive, largeArchiveFile, tarOf } from '../support/archive-builder.ts'
import { shortOrLong } from '../support/long-form.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { inspect, outcomeOf } from './inspect.ts'
import { tarHeader } from '../support/tar-builder.ts'

const MIB = 1024 * 1024

/** Bytes of a large archive, and paths that are as deep as they may be. */
const { large, paths } = shortOrLong(
  'large archives: 80 MB and 5,000 deep paths instead of 200 MB and 20,000',
  {
    short: { large: 80 * MIB, paths: 5_000 },
    long: { large: 200 * MIB, paths: 20_000 },
  },
)

/** Gzip of a tar whose one file is `size` zeros: a thousand times smaller. */
function bomb(size: number): Buffer {
  const zeros = deflateRawSync(Buffer.alloc(16 * MIB), { level: 9, finishFlush: constants.Z_FULL_FLUSH })
  const header = deflateRawSync(tarHeader({ path: 'zeros' }, size), { finishFlush: constants.Z_FULL_FLUSH })
  const times = Math.ceil(size / (16 * MIB))
  return Buffer.concat([gzipSync('').subarray(0, 10), header, ...Array.from({ length: times }, () => zeros)])
}

/** The most memory taken while `work` goes on, over what was taken before. */
async function memoryGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  await work()
  clearInterval(timer)
  return Math.max(most, process.memoryUsage.rss()) - before
}

/** Milliseconds that this process computed in all since it began: unlike those of a clock they do not grow where others compute, too. */
function busyMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

describe('bombs', () => {
  it('refuses 8 GiB of zeros at 1000:1 within 5 s of computing and 64 MB', async () => {
    const bytes = bomb(8191 * MIB)
    expect((8191 * MIB) / bytes.length).to.be.greaterThan(900)
    const start = busyMilliseconds()
    const grown = await memoryGrowth(async () => {
      expect(await outcomeOf(inspect(bytes))).to.equal('archive-bomb')
    })
    expect(busyMilliseconds() - start).to.be.lessThan(5000)
    expect(grown).to.be.lessThan(64e6)
  })

  it('refuses a bomb that comes in one piece just as quickly', async () => {
    const bytes = bomb(8191 * MIB)
    const start = busyMilliseconds()
    const grown = await memoryGrowth(async () => {
      expect(await outcomeOf(inspect(bytes, { pieceSize: bytes.length }))).to.equal('archive-bomb')
    })
    expect(busyMilliseconds() - start).to.be.lessThan(5000)
    expect(grown).to.be.lessThan(64e6)
  })

  it('takes any ratio up to 64 MiB', async () => {
    const bytes = anArchive({ payloadBytes: 63 * MIB, compressible: true })
    expect((63 * MIB) / bytes.length).to.be.greaterThan(900)
    expect(await outcomeOf(inspect(bytes))).to.equal('accepted')
    expect(await outcomeOf(inspect(anArchive({ payloadBytes: 66 * MIB, compressible: true })))).to.equal(
      'archive-bomb',
    )
  })

  it('stops at the limit of unpacked bytes, whatever the headers claim', async () => {
    const limits = { ...DEFAULT_ARCHIVE_LIMITS, unpackedBytes: 10 * MIB }
    const bytes = anArchive({
      payloadBytes: 4 * MIB,
      members: [{ path: 'more', content: Buffer.alloc(7 * MIB) }],
    })
    expect(await outcomeOf(inspect(bytes, { limits }))).to.equal('archive-unpacks-too-large')
  })

  it(`reads ${paths} deep paths, alike but for their ends, in bounded time and memory`, async function () {
    this.timeout(120_000)
    const tar = new TarReader(DEFAULT_ARCHIVE_LIMITS)
    const start = busyMilliseconds()
    const grown = await memoryGrowth(async () => {
      for (let index = 0; index < paths; index++) {
        const name = `${'folder-of-a-name/'.repeat(56)}${String(index).padStart(48, 'x')}`
        tar.push(tarOf([{ path: 'cut', pax: { path: name } }], { end: false }))
        if (index % 10_000 === 0) await new Promise(setImmediate)
      }
    })
    expect(tar.members).to.equal(paths)
    expect(busyMilliseconds() - start).to.be.lessThan(20_000)
    expect(grown).to.be.lessThan(128e6)
  })
})

describe('memory', () => {
  it(`stays flat over an archive of ${large / MIB} MB`, async () => {
    const file = path.join(await temporaryDirectory(), 'large.tar.gz')
    await largeArchiveFile(file, large)
    const inspection = new ArchiveInspection()
    const grown = await memoryGrowth(async () => {
      for await (const chunk of createReadStream(file)) await inspection.write(chunk as Buffer)
    })
    const facts = await inspection.end()
    expect(facts.unpackedSize).to.be.greaterThan(large)
    expect(grown).to.be.lessThan(64e6)
  })
})
