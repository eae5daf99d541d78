import { expect } from 'chai'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import type { LogLine } from '../../support/log-lines.ts'
import { nextSecond } from '../../support/next-second.ts'
import { putObject } from '../../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, lookInto, type Cloud } from './cloud.ts'
import { startServer, type RunningServer } from './composed-server.ts'

/** What holds whichever cloud archives are imported from. */
export function describeImport(cloudOf: () => Cloud): void {
  describe('imported', () => {
    let cloud: Cloud
    let bucket: string
    let folder: string
    let store: ObjectStore
    beforeEach(async () => {
      cloud = cloudOf()
      bucket = await aBucket(cloud)
      folder = await temporaryDirectory()
      store = await lookInto(cloud, bucket)
    })

    const start = (port?: number): Promise<RunningServer> =>
      startServer(folder, { SLIPWAY_IMPORT: `${cloud.scheme}://${bucket}/trained`, ...cloud.env(port) })
    const put = (key: string, bytes: Uint8Array): Promise<void> => putObject(store, `trained/${key}`, bytes)
    const releases = async (server: RunningServer, model = 'default') => {
      const page = (await server.read(`/api/v1/models/${model}/releases`)) as {
        items: { filename: string }[]
      }
      return page.items.map(({ filename }) => filename)
    }
    const told = (lines: LogLine[], message: string) => lines.filter(({ msg }) => msg === message)
    const untilTold = (lines: LogLine[], message: string, times = 1) =>
      eventually(`${message} is logged`, () => told(lines, message).length >= times)

    it('publishes what lies there, in the order of its coming, each to the model of its folder', async () => {
      await put('b.tar.gz', anArchive())
      await nextSecond()
      await put('a.tar.gz', anArchive())
      await put('shop/c.tar.gz', anArchive())
      await put('models/d.tar.gz', anArchive())
      await put('notes.txt', Buffer.from('not for us'))
      const server = await start()
      const names = await releases(server)
      expect(names.slice(-1)).to.deep.equal(['b.tar.gz'])
      expect(names.slice(0, 2)).to.have.members(['a.tar.gz', 'd.tar.gz'])
      expect(await releases(server, 'shop')).to.deep.equal(['c.tar.gz'])
      const { items } = (await server.read('/api/v1/models/shop/releases')) as {
        items: { publishedBy: string }[]
      }
      expect(items[0]?.publishedBy).to.equal('import')
    })

    it('publishes what comes, and what is put in its place, but nothing twice, also after a restart', async () => {
      const first = await start()
      const archive = anArchive()
      await put('night.tar.gz', archive)
      await untilTold(first.lines, 'import_published')
      await put('night.tar.gz', anArchive())
      await untilTold(first.lines, 'import_published', 2)
      // Older bytes that come again are a release again, as in the inbox.
      await put('again.tar.gz', archive)
      await untilTold(first.lines, 'import_published', 3)
      await first.stop()

      const second = await start()
      await put('late.tar.gz', anArchive())
      await untilTold(second.lines, 'import_published')
      expect(told(second.lines, 'import_published')).to.have.length(1)
      // Not even looked into again.
      expect(told(second.lines, 'import_known')).to.deep.equal([])
      expect(await releases(second)).to.have.length(4)
    })

    it('takes the same bytes again where they were saved again under the same key', async () => {
      const { lines, release } = await start()
      const archive = anArchive()
      await put('night.tar.gz', archive)
      await untilTold(lines, 'import_published')
      await release(anArchive())
      await nextSecond()
      await put('night.tar.gz', archive)
      await untilTold(lines, 'import_published', 2)
    })

    it('reports a bad object once, also across a restart, and takes a good one in its place', async () => {
      const archive = anArchive({ payloadBytes: 100_000 })
      await put('cut.tar.gz', archive.subarray(0, 50_000))
      const first = await start()
      await put('good.tar.gz', anArchive())
      await untilTold(first.lines, 'import_published')
      expect(told(first.lines, 'import_refused')).to.have.length(1)
      expect(told(first.lines, 'import_refused')[0]).to.include({
        key: 'cut.tar.gz',
        code: 'archive-truncated',
      })
      await first.stop()
      const second = await start()
      await put('cut.tar.gz', archive)
      await untilTold(second.lines, 'import_published')
      expect(told(second.lines, 'import_refused')).to.have.length(0)
    })

    it('takes an object whole through cuts, and waits where the bucket is away', async () => {
      const proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const archive = anArchive({ payloadBytes: 600_000 })
      const { lines, url } = await start(proxy.port)
      proxy.inject({ kind: 'refuse' })
      await put('model.tar.gz', archive)
      await untilTold(lines, 'import_unreadable')
      proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 250_000 }, 2)
      await untilTold(lines, 'import_published')
      const pulled = Buffer.from(await (await fetch(`${url}/models/default`)).arrayBuffer())
      expect(pulled.equals(archive)).to.equal(true)
      expect(told(lines, 'import_unreadable').length).to.be.lessThan(3)
    })
  })
}
