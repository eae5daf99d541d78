import { expect } from 'chai'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Puller, type Source } from '../../client/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { skipTest } from '../support/skip-test.ts'
import { smallVolume } from '../support/small-volume.ts'

describe('a full disk', () => {
  const small = anArchive({ payloadBytes: 500_000 })
  const large = anArchive({ payloadBytes: 3_800_000 })

  for (const length of ['announced', 'unknown'] as const) {
    it(`leaves the old archive alone, whole, where the length is ${length}`, async function () {
      const to = (await smallVolume(4_096)) ?? skipTest(this, 'needs the right to mount')
      const server = await lyingServer(serveArchive(small))
      await pullerOf(server.url, to).pull()
      const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
      server.answer = serveArchive(large, length === 'unknown' ? { headers: chunked } : {})
      const event = await pullerOf(server.url, to).pull()
      expect(event).to.include({ event: 'failed', kind: 'disk' })
      expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(small)])
      // A beginning that takes more than a tenth of the volume is given up for the room.
      if (length === 'unknown') expect(await readdir(path.join(to, '.slipway'))).not.to.include('partial')
    })
  }

  it('is tried again when there is room', async function () {
    const to = (await smallVolume(4_096)) ?? skipTest(this, 'needs the right to mount')
    const filler = path.join(to, 'filler')
    await writeFile(filler, Buffer.alloc(1_000_000))
    const server = await lyingServer(serveArchive(large))
    expect(await pullerOf(server.url, to).pull()).to.include({ event: 'failed', kind: 'disk' })
    await rm(filler)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
  })

  it('is forgotten by a watch as soon as there is room', async function () {
    const to = (await smallVolume(32_768)) ?? skipTest(this, 'needs the right to mount')
    const filler = path.join(to, 'filler')
    // Room for a block; what lies there then is little enough to stay.
    await writeFile(filler, Buffer.alloc(30 * 1024 * 1024))
    const archive = anArchive({ payloadBytes: 3_000_000 })
    // Its length is not told, so that nobody knows beforehand that it does not fit.
    const server = await lyingServer((request, response, turn) => {
      const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
      return serveArchive(archive, turn === 0 ? { headers: chunked } : {})(request, response, turn)
    })
    const outcomes: string[] = []
    for await (const event of pullerOf(server.url, to, { interval: 50 }).puller.watch()) {
      outcomes.push(event.event === 'failed' ? event.kind : event.event)
      if (outcomes.length === 2) break
      await rm(filler)
    }
    expect(outcomes).to.deep.equal(['disk', 'installed'])
  })

  it('lets go of what is offered where not even its beginning can be written down', async function () {
    const to = (await smallVolume(4_096)) ?? skipTest(this, 'needs the right to mount')
    await pullerOf((await lyingServer(serveArchive(small))).url, to).pull()
    // Room for the lock alone.
    await fillUp(path.join(to, 'filler'), 4096)
    let [asked, cancelled] = [0, 0]
    const offer = {
      etag: '"another"',
      filename: 'another.tar.gz',
      start: 0,
      chunks: noBytes(),
      cancel: () => {
        cancelled += 1
        return Promise.resolve()
      },
    }
    const source: Source = {
      description: 'a source',
      key: 'a source',
      close: () => Promise.resolve(),
      ask: () => {
        asked += 1
        return Promise.resolve({ kind: 'offer', offer })
      },
    }
    const event = await new Puller({ source, to, idleTimeout: 1_000 }).pull()
    expect(event).to.include({ event: 'failed', kind: 'disk' })
    expect([asked, cancelled]).to.deep.equal([1, 1])
  })

  it('does not harm what is remembered, however full it is', async function () {
    const to = (await smallVolume(4_096)) ?? skipTest(this, 'needs the right to mount')
    const server = await lyingServer(serveArchive(small))
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(anArchive({ payloadBytes: 600_000 }))
    for (let left = 40; left >= 0; left -= 8) {
      const filler = path.join(to, 'filler')
      await fillUp(filler)
      await writeFile(filler, Buffer.alloc(0))
      await fillUp(filler, left * 4096)
      const event = await pullerOf(server.url, to).pull()
      expect(event.event, `${left} pages left`).to.equal('failed')
      expect(Object.values(await archivesOf(to))).to.include(digestOf(small))
      await rm(filler)
    }
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
  })
})

async function* noBytes(): AsyncGenerator<Uint8Array> {
  yield* []
}

/** Writes until nothing fits any more, then gives `leave` bytes back. */
async function fillUp(file: string, leave = 0): Promise<void> {
  const page = Buffer.alloc(4096)
  const parts: Buffer[] = []
  try {
    for (;;) {
      await writeFile(file, page, { flag: 'a' })
      parts.push(page)
    }
  } catch {
    await writeFile(file, Buffer.concat(parts).subarray(0, Math.max(0, parts.length * 4096 - leave)))
  }
}
