import { expect } from 'chai'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { OnChange, Verdict } from '../../client/index.ts'
import { anArchive } from '../support/archive-builder.ts'
import { archivesOf, pathOf, pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const [one, two] = [anArchive(), anArchive()]

const refuse: OnChange = () => Promise.resolve<Verdict>({ kind: 'refused', reason: 'it does not load' })

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
