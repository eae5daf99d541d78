import { expect } from 'chai'
import { open, stat, writeFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { anArchive, largeArchiveFile } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Answerer } from '../support/lying-server.ts'
import { digestOf, serveArchive, truthfulHeaders } from '../support/serve-archive.ts'
import { hashFile } from '../../client/install/hash-file.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const archive = anArchive({ payloadBytes: 200_000 })
const half = archive.length >> 1
const etag = `"${digestOf(archive)}"`

/** Sends the first half of a truthful answer, then breaks the connection. */
const cutInHalf: Answerer = (_request, response) => {
  response.writeHead(200, truthfulHeaders(archive))
  response.write(archive.subarray(0, half), () => setImmediate(() => response.destroy()))
}

/** What a single run does not ask again after. */
const goneForNow: Answerer = (_request, response) => {
  response.writeHead(404).end()
}

/** First half an answer, then whatever `next` says. */
function afterACut(next: Answerer): Answerer {
  return (request, response, turn) => (turn === 0 ? cutInHalf : next)(request, response, turn)
}

describe('a broken transfer', () => {
  it('is continued where it broke, under the same entity tag', async () => {
    const server = await lyingServer(afterACut(serveArchive(archive)))
    const to = await temporaryDirectory()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(server.seen[1]?.headers).to.include({ range: `bytes=${half}-`, 'if-range': etag })
    expect(server.seen).to.have.length(2)
  })

  const rests: Record<string, Answerer> = {
    'the wrong start': ranged({ 'content-range': `bytes 5-${archive.length - 1}/${archive.length}` }),
    'the wrong total': ranged({ 'content-range': `bytes ${half}-${archive.length - 2}/${archive.length}` }),
    'another entity tag': ranged({ etag: '"other"' }),
    'a weak entity tag': ranged({ etag: `W/${etag}` }),
    'no Content-Range': ranged({ 'content-range': 'bytes' }),
  }
  for (const [what, lie] of Object.entries(rests)) {
    it(`is begun anew where the rest comes with ${what}`, async () => {
      const server = await lyingServer((request, response, turn) => {
        if (turn === 0) cutInHalf(request, response, turn)
        else if (request.headers.range === undefined) serveArchive(archive)(request, response, turn)
        else lie(request, response, turn)
      })
      const to = await temporaryDirectory()
      expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
      expect(server.seen.map(({ headers }) => headers.range)).to.deep.equal([
        undefined,
        `bytes=${half}-`,
        undefined,
      ])
      expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(archive)])
    })
  }

  it('is begun anew where the server ignores Range', async () => {
    const server = await lyingServer(afterACut(serveArchive(archive, { whole: true })))
    const to = await temporaryDirectory()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(archive)])
  })

  it('of an archive that is another one by now is not continued', async () => {
    const other = anArchive({ payloadBytes: 200_000 })
    const server = await lyingServer(afterACut(serveArchive(other)))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(other)])
  })

  it('whose bytes went bad on disk begins from zero after the check', async () => {
    const server = await lyingServer(afterACut(goneForNow))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const folder = path.join(to, '.slipway', 'partial')
    const part = (await readdir(folder)).find((name) => name.endsWith('.part')) ?? ''
    const file = await open(path.join(folder, part), 'r+')
    await file.write(Buffer.from([1, 2, 3]), 0, 3, 1000)
    await file.close()
    server.answer = serveArchive(archive)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(server.seen.slice(-2).map(({ headers }) => headers.range)).to.deep.equal([
      `bytes=${half}-`,
      undefined,
    ])
  })

  it('that lacked only its end, the process, is finished by 416 alone', async () => {
    const server = await lyingServer(afterACut(goneForNow))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const folder = path.join(to, '.slipway', 'partial')
    const part = (await readdir(folder)).find((name) => name.endsWith('.part')) ?? ''
    await writeFile(path.join(folder, part), archive)
    server.answer = serveArchive(archive)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(server.seen.at(-1)?.headers.range).to.equal(`bytes=${archive.length}-`)
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(archive)])
  })

  it('that always breaks at the same byte is given up', async () => {
    const server = await lyingServer((_request, response) => {
      response.writeHead(200, { ...truthfulHeaders(archive), etag: 'W/"weak"' })
      response.write(archive.subarray(0, half), () => setImmediate(() => response.destroy()))
    })
    const event = await pullerOf(server.url, await temporaryDirectory(), { idleTimeout: 1500 }).pull()
    expect(event).to.include({ event: 'failed', kind: 'source' })
  })

  it('costs at most one byte in a hundred twice, with a hundred cuts', async function () {
    this.timeout(60_000)
    const bytes = process.env['SLOW'] === '1' ? 1_000_000_000 : 200_000_000
    const large = path.join(await temporaryDirectory(), 'large.tar.gz')
    await largeArchiveFile(large, bytes)
    const { size } = await stat(large)
    const digest = await hashFile(large)
    let [sent, cuts] = [0, 0]
    const server = await lyingServer(async (request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const headers = { etag: `"${digest}"`, 'content-length': size - start, filename: 'large.tar.gz' }
      const range = { 'content-range': `bytes ${start}-${size - 1}/${size}` }
      response.writeHead(start === 0 ? 200 : 206, start === 0 ? headers : { ...headers, ...range })
      const end = cuts === 100 ? size : Math.min(size, start + Math.ceil(size / 101))
      await pipeline(createReadStream(large, { start, end: end - 1 }), response, { end: end === size })
      sent += end - start
      if (end === size) return
      cuts += 1
      // A moment for the last bytes to leave: this is a connection that breaks, not a server that lies.
      setImmediate(() => response.socket?.destroySoon())
    })
    const to = await temporaryDirectory()
    const event = await pullerOf(server.url, to, { idleTimeout: 20_000 }).pull()
    expect(event).to.include({ event: 'installed', digest })
    expect(cuts).to.equal(100)
    expect(sent / size).to.be.lessThan(1.01)
  })
})

function ranged(lie: Record<string, string>): Answerer {
  return (_request, response) => {
    const range = { 'content-range': `bytes ${half}-${archive.length - 1}/${archive.length}` }
    const rest = archive.subarray(half)
    response
      .writeHead(206, { ...truthfulHeaders(archive), ...range, 'content-length': rest.length, ...lie })
      .end(rest)
  }
}
