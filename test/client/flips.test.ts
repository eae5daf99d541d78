import { expect } from 'chai'
import fc from 'fast-check'
import { gunzipSync } from 'node:zlib'
import { PullFailure } from '../../client/index.ts'
import { Download } from '../../client/install/download.ts'
import { receiveArchive } from '../../client/receive-archive.ts'
import { shortOrLong } from '../support/long-form.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const archive = anArchive()
const digest = digestOf(archive)
const signal = new AbortController().signal

/** One bit wrong, or the end missing. */
const damaged = fc.oneof(
  fc.tuple(fc.nat(archive.length - 1), fc.nat(7)).map(([at, bit]) => {
    const copy = Buffer.from(archive)
    copy[at] = (copy[at] ?? 0) ^ (1 << bit)
    return copy
  }),
  fc.nat(archive.length - 1).map((length) => archive.subarray(0, length)),
)

/** Takes bytes in as a transfer does; says what came of it. */
async function outcome(
  download: Download,
  bytes: Buffer,
  head: { digest?: string; size?: number },
): Promise<string> {
  const chunks = (async function* () {
    await Promise.resolve()
    yield bytes
  })()
  try {
    await receiveArchive({
      download,
      offer: { filename: 'x.tar.gz', start: 0, chunks, cancel: () => Promise.resolve(), ...head },
      maxBytes: 1e9,
      onProgress: () => undefined,
      signal,
    })
    return 'accepted'
  } catch (error) {
    return error instanceof PullFailure ? error.kind : 'crashed'
  }
}

describe('random damage', () => {
  const runs =
    process.env['SLOW'] === '1'
      ? 10_000
      : shortOrLong('random damage of archives: 300 runs instead of 2500', { short: 300, long: 2_500 })
  const heads: Record<string, { digest?: string; size?: number }> = {
    'by digest and length': { digest, size: archive.length },
    'by digest alone': { digest },
  }
  for (const [what, head] of Object.entries(heads)) {
    it(`is found ${what}`, async function () {
      this.timeout(120_000)
      const download = await Download.begin(await temporaryDirectory(), 'test', {
        filename: 'x.tar.gz',
        ...head,
      })
      const truth = fc.asyncProperty(damaged, async (bytes) => {
        await download.rewind()
        expect(await outcome(download, bytes, head)).to.be.oneOf(['unsound', 'source'])
      })
      await fc.assert(truth, { numRuns: runs })
      await download.rewind()
      expect(await outcome(download, archive, head)).to.equal('accepted')
      await download.leave()
    })
  }

  it('is found by gzip and tar, or does no harm, where the server names no digest', async function () {
    this.timeout(120_000)
    const download = await Download.begin(await temporaryDirectory(), 'test', { filename: 'x.tar.gz' })
    const truth = fc.asyncProperty(damaged, async (bytes) => {
      await download.rewind()
      const found = await outcome(download, bytes, {})
      // Some bits change nothing that is unpacked: the time in gzip's header, or which of two equal bytes is copied.
      if (found !== 'unsound') expect(gunzipSync(bytes).equals(gunzipSync(archive))).to.equal(true)
    })
    await fc.assert(truth, { numRuns: Math.ceil(runs / 5) })
    await download.leave()
  })

  it('is never installed', async function () {
    this.timeout(60_000)
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const truth = fc.asyncProperty(damaged, async (bytes) => {
      server.answer = serveArchive(archive, { body: bytes })
      const event = await pullerOf(server.url, to, { idleTimeout: 400 }).pull()
      expect(event.event).to.equal('failed')
      expect(await archivesOf(to)).to.deep.equal({})
    })
    await fc.assert(truth, { numRuns: process.env['SLOW'] === '1' ? 500 : 25 })
  })
})
