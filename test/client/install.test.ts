import { expect } from 'chai'
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { OnChange, PullEvent, Verdict } from '../../client/index.ts'
import { isProcessName } from '../../protocol/process-name.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [one, two, three, four] = [anArchive(), anArchive(), anArchive(), anArchive()]

function pathOf(event: PullEvent): string {
  if (event.event === 'failed') throw new Error(event.message)
  return event.path
}

const refuse: OnChange = () => Promise.resolve<Verdict>({ kind: 'refused', reason: 'it does not load' })

describe('the protocol', () => {
  it('begins with a name of its own, kept until the first install, then sends the tag of what was installed', async () => {
    const server = await lyingServer((_request, response) => {
      response.writeHead(503).end()
    })
    const to = await temporaryDirectory()
    await pullerOf(server.url, to, { idleTimeout: 300 }).pull()
    const drawn = server.seen[0]?.headers['if-none-match'] ?? ''
    expect(isProcessName(drawn)).to.equal(true)
    const etag = `"${digestOf(one)}.${drawn}"`
    server.answer = serveArchive(one, { headers: { etag } })
    await pullerOf(server.url, to).pull()
    await pullerOf(server.url, to).pull()
    const claims = server.seen.map(({ headers }) => headers['if-none-match'])
    expect(new Set(claims.slice(0, -1))).to.deep.equal(new Set([drawn]))
    expect(claims.at(-1)).to.equal(etag)
  })

  it('asks for no encoding and past caches', async () => {
    const server = await lyingServer(serveArchive(one))
    await pullerOf(server.url, await temporaryDirectory()).pull()
    expect(server.seen[0]?.headers).to.include({
      'accept-encoding': 'identity',
      'cache-control': 'max-age=0',
    })
  })

  it('does not send the tag of one address to another', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    await pullerOf(`${server.origin}/models/other`, to).pull()
    expect(isProcessName(server.seen[1]?.headers['if-none-match'] ?? '')).to.equal(true)
  })

  it('takes 204 for "keep what you have"', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = (_request, response) => response.writeHead(204).end()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
  })

  for (const status of [204, 304]) {
    it(`fails on ${status} where nothing is installed`, async () => {
      const server = await lyingServer((_request, response) => response.writeHead(status).end())
      expect(await pullerOf(server.url, await temporaryDirectory()).pull()).to.include({
        event: 'failed',
        kind: 'source',
      })
      expect(server.seen).to.have.length(1)
    })
  }

  for (const [status, requests] of Object.entries({
    400: 1,
    401: 1,
    403: 1,
    404: 1,
    410: 1,
    408: 2,
    425: 2,
    429: 2,
    500: 2,
    503: 2,
  })) {
    it(`asks ${requests === 1 ? 'once only' : 'again'} after ${status}`, async () => {
      const server = await lyingServer((request, response, turn) => {
        if (turn > 0) serveArchive(one)(request, response, turn)
        else response.writeHead(Number(status)).end()
      })
      await pullerOf(server.url, await temporaryDirectory()).pull()
      expect(server.seen).to.have.length(requests)
    })
  }

  it('gives up at once where Retry-After is longer than the idle timeout', async () => {
    const server = await lyingServer((_request, response) =>
      response.writeHead(503, { 'retry-after': '40' }).end(),
    )
    const started = performance.now()
    await pullerOf(server.url, await temporaryDirectory(), { idleTimeout: 30_000 }).pull()
    expect(server.seen).to.have.length(1)
    expect(performance.now() - started).to.be.lessThan(2000)
  })

  for (const status of [401, 403]) {
    it(`ends a watch on ${status}`, async () => {
      const server = await lyingServer((_request, response) => response.writeHead(status).end())
      const events: PullEvent[] = []
      const { puller } = pullerOf(server.url, await temporaryDirectory(), { interval: 5 })
      for await (const event of puller.watch()) events.push(event)
      expect(events).to.have.length(1)
    })
  }
})

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

describe('a command on change', () => {
  it('is told the path and the release before anything is acknowledged', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const told: unknown[] = []
    const onChange: OnChange = async (archive) => {
      const state = JSON.parse(await readFile(path.join(to, '.slipway', 'state.json'), 'utf8')) as object
      told.push({ ...archive, acknowledged: 'installed' in state })
      return { kind: 'accepted' }
    }
    const event = await pullerOf(server.url, to, { onChange }).pull()
    expect(told).to.deep.equal([
      {
        path: pathOf(event),
        digest: digestOf(one),
        release: 1,
        etag: `"${digestOf(one)}"`,
        acknowledged: false,
      },
    ])
  })

  for (const filename of ['same.tar.gz', undefined]) {
    it(`that says no has the archive before put back, under ${filename === undefined ? 'another' : 'the same'} name`, async () => {
      const headers = filename === undefined ? {} : { filename }
      const server = await lyingServer(serveArchive(one, { headers }))
      const to = await temporaryDirectory()
      const good = pathOf(await pullerOf(server.url, to).pull())
      const before = await archivesOf(to)
      server.answer = serveArchive(two, { headers })
      const event = await pullerOf(server.url, to, { onChange: refuse }).pull()
      expect(event).to.include({ event: 'failed', kind: 'refused' })
      expect(await archivesOf(to)).to.deep.equal(before)
      expect(digestOf(await readFile(good))).to.equal(digestOf(one))
    })
  }

  it('that says no is heard by the server at the next poll, and the archive is not fetched again', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(two)
    let ran = 0
    const onChange: OnChange = (archive, signal) => ((ran += 1), refuse(archive, signal))
    await pullerOf(server.url, to, { onChange }).pull()
    const again = await pullerOf(server.url, to, { onChange }).pull()
    expect(again).to.include({ event: 'failed', kind: 'refused' })
    expect(ran).to.equal(1)
    expect(server.seen.at(-1)?.headers['if-none-match']).to.equal(`"${digestOf(one)}"`)
  })

  it('that said no is asked again after an hour', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    let [clock, ran] = [Date.parse('2026-11-25T02:00:00Z'), 0]
    const onChange: OnChange = (archive, signal) => ((ran += 1), refuse(archive, signal))
    const options = { onChange, now: () => clock }
    const event = await pullerOf(server.url, to, options).pull()
    expect(event.refused?.[0]).to.include({
      at: '2026-11-25T02:00:00.000Z',
      retryAt: '2026-11-25T03:00:00.000Z',
    })
    clock += 3_599_000
    await pullerOf(server.url, to, options).pull()
    expect(ran).to.equal(1)
    clock += 2_000
    await pullerOf(server.url, to, options).pull()
    expect(ran).to.equal(2)
  })

  const postpone: OnChange = () => Promise.resolve<Verdict>({ kind: 'postponed', reason: 'no bot' })

  it('that asks for time leaves the archive in place, and is run again without asking the source', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const event = await pullerOf(server.url, to, { onChange: postpone, idleTimeout: 2500 }).pull()
    expect(event).to.include({ event: 'failed', kind: 'postponed' })
    expect(event.event === 'failed' && event.installed?.digest).to.equal(digestOf(one))
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(one)])
    expect(server.seen).to.have.length(1)
    expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
  })

  it('that asks for time gives way to what the source selects by then', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(two)
    await pullerOf(server.url, to, { onChange: postpone }).pull()
    server.answer = serveArchive(one)
    const told: string[] = []
    const onChange: OnChange = ({ digest }) => {
      told.push(digest)
      return postponeOnly(two, digest)
    }
    expect(await pullerOf(server.url, to, { onChange }).pull()).to.include({ event: 'unchanged' })
    expect(Object.values(await archivesOf(to))).to.deep.equal([digestOf(one)])
    // A bot may have started with the second archive: it is told of the first one.
    expect(told.at(-1)).to.equal(digestOf(one))
  })

  function postponeOnly(archive: Buffer, digest: string): Promise<Verdict> {
    return Promise.resolve(
      digest === digestOf(archive) ? { kind: 'postponed', reason: 'no bot' } : { kind: 'accepted' },
    )
  }

  it('that cannot be run says nothing about the archive, which is tried again', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    const onChange: OnChange = () => Promise.resolve<Verdict>({ kind: 'not-run', reason: 'was not found' })
    expect(await pullerOf(server.url, to, { onChange }).pull()).to.include({ kind: 'configuration' })
    expect(await archivesOf(to)).to.deep.equal({})
    expect((await pullerOf(server.url, to).pull()).event).to.equal('installed')
  })

  it('that says no to the first archive leaves an empty folder', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to, { onChange: refuse }).pull()
    expect(await archivesOf(to)).to.deep.equal({})
  })

  it('that was interrupted runs again at the next start, and until then nothing is acknowledged', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await mkdir(to, { recursive: true })
    await pullerOf(server.url, to).pull()
    server.answer = serveArchive(two)
    const controller = new AbortController()
    const interrupted: OnChange = (_archive, signal) => {
      controller.abort(new Error('stop'))
      return Promise.reject(signal.reason as Error)
    }
    const { puller } = pullerOf(server.url, to, { onChange: interrupted })
    await puller.pull({ signal: controller.signal }).catch(() => undefined)
    const digests: string[] = []
    const onChange: OnChange = ({ digest }) => (
      digests.push(digest),
      Promise.resolve<Verdict>({ kind: 'accepted' })
    )
    expect((await pullerOf(server.url, to, { onChange }).pull()).event).to.equal('unchanged')
    expect(digests).to.deep.equal([digestOf(two)])
    expect(server.seen.at(-1)?.headers['if-none-match']).to.equal(`"${digestOf(two)}"`)
  })
})
