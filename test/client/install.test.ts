import { expect } from 'chai'
import { readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pathOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [one, two, three, four] = [anArchive(), anArchive(), anArchive(), anArchive()]

describe('an install', () => {
  it('is the newest of its folder, even where another archive comes from the future', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const future = path.join(to, 'future.tar.gz')
    await writeFile(future, 'x')
    await utimes(future, 3_000_000_000, 3_000_000_000)
    const event = await pullerOf(server.url, to).pull()
    expect((await stat(pathOf(event))).mtimeMs).to.be.at.least((await stat(future)).mtimeMs + 1000)
  })

  it('stays the newest where an archive is put beside it later', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    const beside = path.join(to, 'beside.tar.gz')
    await writeFile(beside, 'x')
    await utimes(beside, 3_000_000_000, 3_000_000_000)
    const event = await pullerOf(server.url, to).pull()
    expect((await stat(pathOf(event))).mtimeMs).to.be.greaterThan((await stat(beside)).mtimeMs)
  })

  it('keeps as many older archives as it is told, and all that are not ours', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await writeFile(path.join(to, 'theirs.tar.gz'), 'x')
    for (const archive of [one, two, three, four]) {
      server.answer = serveArchive(archive)
      await pullerOf(server.url, to, { keep: 1 }).pull()
    }
    const digests = Object.values(await archivesOf(to))
    expect(digests).to.have.members([digestOf(three), digestOf(four), digestOf(Buffer.from('x'))])
  })

  it('goes back to an archive that is still here without fetching it again', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(two)
    await pullerOf(server.url, to).pull()
    let asked = 0
    server.answer = (_request, response) => {
      asked += 1
      // Whoever reads on gets nothing.
      response.writeHead(200, {
        etag: `"${digestOf(one)}"`,
        'content-length': one.length,
        filename: 'x.tar.gz',
      })
      response.flushHeaders()
    }
    const event = await pullerOf(server.url, to).pull()
    expect(event.event).to.equal('installed')
    expect(asked).to.equal(1)
    expect(digestOf(await readFile(pathOf(event)))).to.equal(digestOf(one))
  })

  it('that goes back is said, and done', async () => {
    const server = await lyingServer(serveArchive(two, { headers: { 'slipway-release': '2' } }))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(one, { headers: { 'slipway-release': '1' } })
    const { pull, notices } = pullerOf(server.url, to)
    expect((await pull()).event).to.equal('installed')
    expect(notices.map(({ code }) => code)).to.deep.equal(['model-went-back'])
  })

  it('that goes back is refused where rollbacks are', async () => {
    const server = await lyingServer(serveArchive(two, { headers: { 'slipway-release': '2' } }))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(one, { headers: { 'slipway-release': '1' } })
    const event = await pullerOf(server.url, to, { allowRollback: false }).pull()
    expect(event.event).to.equal('offline')
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(two)])
  })

  for (const headers of [
    { etag: '"opaque"', 'repr-digest': undefined },
    { etag: undefined, 'repr-digest': undefined },
  ]) {
    it(`works with a server that names no digest (etag ${headers.etag ?? 'missing'})`, async () => {
      const server = await lyingServer(serveArchive(one, { headers: { ...headers, filename: undefined } }))
      const to = await temporaryDirectory()
      expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
      expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
      server.answer = serveArchive(two, {
        headers: { etag: '"else"', 'repr-digest': undefined, filename: undefined },
      })
      const event = await pullerOf(server.url, to).pull()
      expect(path.basename(pathOf(event))).to.equal('model.tar.gz')
      expect(digestOf(await readFile(pathOf(event)))).to.equal(digestOf(two))
    })
  }

  it('is repeated under its own name where its file was cut or changed by hand', async () => {
    const server = await lyingServer(serveArchive(one))
    for (const harm of [one.subarray(0, 100), Buffer.from(one).fill(0, one.length >> 1)]) {
      const to = await temporaryDirectory()
      const file = pathOf(await pullerOf(server.url, to).pull())
      await writeFile(file, harm)
      // Written within one tick of the kernel's clock it would have the time of the archive itself.
      await utimes(file, new Date(), new Date(Date.now() + 5_000))
      const { pull, notices } = pullerOf(server.url, to)
      expect(pathOf(await pull())).to.equal(file)
      expect(await archivesOf(to)).to.deep.equal({ [path.basename(file)]: digestOf(one) })
      expect(notices.map(({ code }) => code)).to.include('archive-damaged')
    }
  })

  it('leaves a sound archive alone that somebody put in the place of ours', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const file = pathOf(await pullerOf(server.url, to).pull())
    await writeFile(file, two)
    await pullerOf(server.url, to).pull()
    expect(Object.values(await archivesOf(to))).to.have.members([digestOf(one), digestOf(two)])
  })

  it('is told apart from its beginning where only the beginning is on disk', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const event = await pullerOf(server.url, to).pull()
    await writeFile(pathOf(event), one.subarray(0, 100))
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
    expect(Object.values(await archivesOf(to))).to.include(digestOf(one))
  })
})

describe('what is remembered of a folder', () => {
  it('holds no secret', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(`${server.url.replace('//', '//user:hunter2@')}?token=s3cret`, to).pull()
    for (const name of await readdir(path.join(to, '.slipway'))) {
      const text = await readFile(path.join(to, '.slipway', name), 'utf8').catch(() => '')
      expect(text).not.to.match(/hunter2|s3cret/)
    }
  })

  for (const harm of ['lost', 'damaged']) {
    it(`is rebuilt from the folder where it is ${harm}`, async () => {
      const server = await lyingServer(serveArchive(one))
      const to = await temporaryDirectory()
      await pullerOf(server.url, to).pull()
      const state = path.join(to, '.slipway', 'state.json')
      await (harm === 'lost' ? rm(state) : writeFile(state, '{"format": 1'))
      expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
      expect(server.seen.at(-1)?.headers['if-none-match']).to.equal(`"${digestOf(one)}"`)
    })
  }

  it('may be gone with its folder: the archive is known by its digest', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    await rm(path.join(to, '.slipway'), { recursive: true })
    await pullerOf(server.url, to).pull()
    expect(Object.values(await archivesOf(to))).to.include(digestOf(one))
    expect(await pullerOf(server.url, to).pull()).to.include({ event: 'unchanged', digest: digestOf(one) })
  })
})

describe('a source that is away', () => {
  it('leaves the last good archive in place, and watch goes on', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = (_request, response, turn) =>
      turn < 4 ? response.destroy() : serveArchive(two)(_request, response, turn)
    const controller = new AbortController()
    const events: string[] = []
    for await (const { event } of pullerOf(server.url, to, { interval: 5 }).puller.watch({
      signal: controller.signal,
    })) {
      events.push(event)
      if (event === 'installed') controller.abort()
    }
    expect(events).to.deep.equal(['offline', 'offline', 'offline', 'installed'])
  })
})
