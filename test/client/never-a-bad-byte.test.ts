import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PullEvent } from '../../client/index.ts'
import { anArchive, gzipOf, tarOf } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import type { Answerer } from '../support/lying-server.ts'
import { digestOf, serveArchive, truthfulHeaders } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const archive = anArchive()
const other = anArchive()
const digest = digestOf(archive)
const name = `shop-${digest.slice(0, 12)}.tar.gz`
const flipped = Buffer.from(archive)
flipped[archive.length >> 1] = (flipped[archive.length >> 1] ?? 0) ^ 1

/** Truthful headers around bytes that are no sound archive. */
function underItsOwnDigest(bytes: Buffer): Answerer {
  return serveArchive(bytes)
}

interface Lie {
  title: string
  answer: Answerer
  /** What the failed event says. */
  kind: 'unsound' | 'source'
  says: RegExp
  /** Requests in one run: 2 where a retry may help. */
  requests?: number
}

const lies: Lie[] = [
  {
    title: 'a body that is not what Repr-Digest says',
    answer: serveArchive(archive, { body: flipped, headers: { etag: '"opaque"' } }),
    kind: 'unsound',
    says: /digest/,
    requests: 2,
  },
  {
    title: 'a body that is not what the entity tag says',
    answer: serveArchive(archive, { body: flipped, headers: { 'repr-digest': undefined } }),
    kind: 'unsound',
    says: /digest/,
    requests: 2,
  },
  {
    title: 'two digests that contradict each other',
    answer: serveArchive(archive, { headers: { etag: `"${digestOf(Buffer.from('a third'))}"` } }),
    kind: 'unsound',
    says: /Repr-Digest names/,
    requests: 2,
  },
  {
    title: 'a whole but shorter body without a length',
    answer: serveArchive(archive, {
      body: archive.subarray(0, -9),
      headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
    }),
    kind: 'unsound',
    says: /digest/,
    requests: 2,
  },
  {
    title: 'a page of a login form',
    answer: serveArchive(archive, {
      body: Buffer.from('<html>log in</html>'),
      headers: { 'content-type': 'text/html' },
    }),
    kind: 'unsound',
    says: /web page/,
    requests: 2,
  },
  {
    title: 'a page under the type of an archive, without a digest',
    answer: serveArchive(archive, {
      body: Buffer.from('<html>log in</html>'),
      headers: { etag: undefined, 'repr-digest': undefined },
    }),
    kind: 'unsound',
    says: /not gzip/,
    requests: 2,
  },
  {
    title: 'gzip of something else, without a digest',
    answer: serveArchive(archive, {
      body: gzipSync('no tar at all'),
      headers: { etag: '"x"', 'repr-digest': undefined },
    }),
    kind: 'unsound',
    says: /not a sound archive/,
    requests: 2,
  },
  {
    title: 'an empty body',
    answer: serveArchive(archive, {
      body: Buffer.alloc(0),
      headers: { etag: '"x"', 'repr-digest': undefined },
    }),
    kind: 'unsound',
    says: /not a sound archive/,
    requests: 2,
  },
  {
    title: 'a body labelled gzip',
    answer: serveArchive(archive, { headers: { 'content-encoding': 'gzip' } }),
    kind: 'unsound',
    says: /Content-Encoding/,
    requests: 1,
  },
  {
    title: 'a member that leaves the archive, under a matching digest',
    answer: underItsOwnDigest(gzipOf(tarOf([{ path: '../../evil', content: 'x' }]))),
    kind: 'unsound',
    says: /\.\.\/\.\.\/evil/,
    requests: 1,
  },
  {
    title: 'garbage under a matching digest',
    answer: underItsOwnDigest(Buffer.from('\x1f\x8bgarbage', 'latin1')),
    kind: 'unsound',
    says: /not a sound archive/,
    requests: 1,
  },
  {
    title: 'an archive that was cut before its digest was announced',
    answer: underItsOwnDigest(archive.subarray(0, -20)),
    kind: 'unsound',
    says: /not a sound archive/,
    requests: 1,
  },
  {
    title: 'an endless body',
    answer: (_request, response) => {
      response.writeHead(200, { etag: `"${digest}"` })
      response.write(Buffer.from([0x1f, 0x8b]))
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    },
    kind: 'unsound',
    says: /larger than/,
    requests: 1,
  },
  {
    title: 'a 206 that nobody asked for',
    answer: serveArchive(archive, {
      status: 206,
      headers: { 'content-range': `bytes 0-9/${archive.length}` },
    }),
    kind: 'source',
    says: /206/,
    requests: 1,
  },
]

describe('a server that lies', () => {
  for (const { title, answer, kind, says, requests } of lies) {
    it(`has nothing installed: ${title}`, async () => {
      const server = await lyingServer(answer)
      const to = await temporaryDirectory()
      const event = await pullerOf(server.url, to, { maxBytes: 3_000_000, idleTimeout: 5000 }).pull()
      expect(event).to.include({ event: 'failed', kind })
      expect('message' in event && event.message).to.match(says)
      expect(await archivesOf(to)).to.deep.equal({})
      if (requests !== undefined) expect(server.seen).to.have.length(requests)
    })

    it(`leaves the last good archive in place: ${title}`, async () => {
      const server = await lyingServer(serveArchive(other))
      const to = await temporaryDirectory()
      await pullerOf(server.url, to).pull()
      const before = await archivesOf(to)
      server.answer = answer
      const event = await pullerOf(server.url, to, { maxBytes: 3_000_000, idleTimeout: 5000 }).pull()
      expect(event.event).to.equal(kind === 'source' ? 'offline' : 'failed')
      expect(await archivesOf(to)).to.deep.equal(before)
    })
  }

  it('is not asked for the bytes of an unsound archive again, until somebody says so', async () => {
    const bytes = gzipOf(tarOf([{ path: '../../evil', content: 'x' }]))
    const server = await lyingServer(underItsOwnDigest(bytes))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const read = new Set<string>()
    const again = await pullerOf(server.url, to, { onProgress: () => read.add('bytes') }).pull()
    expect(again).to.include({ event: 'failed', kind: 'unsound' })
    expect(again.refused?.map((each) => each.digest)).to.deep.equal([digestOf(bytes)])
    expect(read.size).to.equal(0)
    await pullerOf(server.url, to, { retryRefused: true, onProgress: () => read.add('bytes') }).pull()
    expect(read.size).to.equal(1)
  })

  it('may send another kind of file where nothing is inspected', async () => {
    const bytes = Buffer.from('no archive at all')
    const server = await lyingServer(serveArchive(bytes))
    const to = await temporaryDirectory()
    expect((await pullerOf(server.url, to, { inspect: false }).pull()).event).to.equal('installed')
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(bytes)])
  })

  it('is asked once more after a bad body, and believed when it is good', async () => {
    const server = await lyingServer((request, response, turn) =>
      serveArchive(archive, turn === 0 ? { body: flipped } : {})(request, response, turn),
    )
    const to = await temporaryDirectory()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(server.seen[1]?.headers.range).to.equal(undefined)
  })

  it('cannot choose where the archive goes', async () => {
    const hostile = [
      '../../evil.tar.gz',
      '/etc/evil.tar.gz',
      '.evil.tar.gz',
      'a\tb.tar.gz',
      'C:\\x\\evil',
      '..',
      'model',
    ]
    for (const filename of hostile) {
      const server = await lyingServer(serveArchive(archive, { headers: { filename } }))
      const to = await temporaryDirectory()
      const event = await pullerOf(server.url, to).pull()
      expect(event.event, filename).to.equal('installed')
      const [installed] = Object.keys(await archivesOf(to))
      expect(installed).to.match(/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.tar\.gz$/)
      expect('path' in event && path.dirname(event.path)).to.equal(to)
    }
  })

  it('cannot send us, or our credentials, to another origin', async () => {
    const elsewhere = await lyingServer(serveArchive(archive))
    const server = await lyingServer((_request, response) => {
      response.writeHead(302, { location: elsewhere.url }).end()
    })
    const to = await temporaryDirectory()
    const event = await pullerOf(server.url.replace('//', '//user:secret@'), to).pull()
    expect(event).to.include({ event: 'failed', kind: 'source' })
    expect(elsewhere.seen).to.have.length(0)
    expect(server.seen).to.have.length(1)
  })

  it('may redirect within its own origin', async () => {
    const server = await lyingServer((request, response, turn) => {
      if (request.url === '/elsewhere') serveArchive(archive)(request, response, turn)
      else response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const to = await temporaryDirectory()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
  })

  it('that redirects in a circle is given up', async () => {
    const server = await lyingServer((request, response) => {
      response.writeHead(302, { location: request.url }).end()
    })
    expect(await pullerOf(server.url, await temporaryDirectory()).pull()).to.include({ kind: 'source' })
    expect(server.seen).to.have.length(6)
  })

  it('that is silent is given up after the idle timeout', async () => {
    const server = await lyingServer(() => undefined)
    const started = performance.now()
    const event = await pullerOf(server.url, await temporaryDirectory(), { idleTimeout: 800 }).pull()
    expect(event).to.include({ event: 'failed', kind: 'source' })
    expect(performance.now() - started).to.be.lessThan(5000)
  })

  it('that stops in the middle of the body is given up, and what came is kept', async () => {
    const server = await lyingServer((_request, response) => {
      response.writeHead(200, truthfulHeaders(archive)).write(archive.subarray(0, 500))
    })
    const to = await temporaryDirectory()
    const event = await pullerOf(server.url, to, { idleTimeout: 800 }).pull()
    expect(event).to.include({ event: 'failed', kind: 'source' })
    server.answer = serveArchive(archive)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(server.seen.at(-1)?.headers.range).to.equal('bytes=500-')
  })

  it('that drops If-None-Match is noticed, said once, and not installed again', async () => {
    const server = await lyingServer(serveArchive(archive, { always: true }))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const controller = new AbortController()
    const { puller, notices } = pullerOf(server.url, to, { interval: 5 })
    const events: PullEvent[] = []
    for await (const event of puller.watch({ signal: controller.signal })) {
      events.push(event)
      if (events.length === 3) controller.abort()
    }
    expect(events.map((each) => each.event)).to.deep.equal(['unchanged', 'unchanged', 'unchanged'])
    expect(notices.filter(({ code }) => code === 'condition-ignored')).to.have.length(1)
  })

  it('leaves alone what others put into the folder, whatever its name', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const theirs = path.join(to, name)
    await writeFile(theirs, 'not ours')
    await utimes(theirs, 2_000_000_000, 2_000_000_000)
    const event = await pullerOf(server.url, to).pull()
    const found = await archivesOf(to)
    expect(found[name]).to.equal(digestOf(Buffer.from('not ours')))
    expect('path' in event && path.basename(event.path)).to.equal(
      `shop-${digest.slice(0, 12)}-${digest.slice(0, 12)}.tar.gz`,
    )
  })
})
