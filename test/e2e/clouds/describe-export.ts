import { expect } from 'chai'
import { ObjectChanged, type ObjectStore } from '../../../storage/object-store.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { keysOf, readObject } from '../../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, lookInto, type Cloud } from './cloud.ts'
import { startServer, type RunningServer } from './composed-server.ts'

/** What holds whichever cloud tags are exported to. */
export function describeExport(cloudOf: () => Cloud): void {
  describe('exported', () => {
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

    const start = (settings: Record<string, string> = {}, port?: number): Promise<RunningServer> =>
      startServer(folder, {
        SLIPWAY_EXPORT: `${cloud.scheme}://${bucket}/live`,
        ...settings,
        ...cloud.env(port),
      })
    const exports = async (server: RunningServer) =>
      ((await server.read('/api/v1/exports')) as { items: Record<string, unknown>[] }).items
    const untilDone = (server: RunningServer, count = 1) =>
      eventually('all is exported', async () => {
        const items = await exports(server)
        return items.length === count && items.every(({ state }) => state === 'done')
      })
    const untilThereIs = (key: string, archive: Buffer) =>
      eventually(`${key} is the archive`, async () => {
        if (!(await keysOf(store)).includes(key)) return false
        const found = await readObject(store, key).catch((error: unknown) => {
          // It was replaced while it was read.
          if (error instanceof ObjectChanged) return undefined
          throw error
        })
        return found?.equals(archive) ?? false
      })

    it('puts what a tag points at under its name, forward and back, and nothing else', async () => {
      const server = await start()
      const [one, two] = [anArchive(), anArchive()]
      await server.release(one)
      await server.promote(1)
      await untilThereIs('live/production.tar.gz', one)
      await server.release(two)
      await server.promote(2)
      await untilThereIs('live/production.tar.gz', two)
      await fetch(`${server.url}/api/v1/models/default/tags/production/rollback`, { method: 'POST' })
      await untilThereIs('live/production.tar.gz', one)
      await server.publish(two, 'shop?tag=staging')
      await untilThereIs('live/shop/staging.tar.gz', two)
      await untilDone(server, 2)
      expect(await keysOf(store)).to.deep.equal(['live/production.tar.gz', 'live/shop/staging.tar.gz'])
      const [production] = await exports(server)
      expect(production).to.include({
        model: 'default',
        tag: 'production',
        name: 'production.tar.gz',
        attempts: 0,
      })
    })

    it('leaves the object of a tag that is deleted where it is', async () => {
      const server = await start()
      const [one, two] = [anArchive(), anArchive()]
      await server.release(one)
      await server.promote(1)
      await untilThereIs('live/production.tar.gz', one)
      const deleted = await fetch(`${server.url}/api/v1/models/default/tags/production`, { method: 'DELETE' })
      expect(deleted.ok).to.equal(true)
      // What comes after it has been exported shows that nothing of it is still to come.
      await server.publish(two, 'shop?tag=staging')
      await untilThereIs('live/shop/staging.tar.gz', two)
      await untilThereIs('live/production.tar.gz', one)
    })

    it('goes by the template and the tags that it is told', async () => {
      const server = await start({
        SLIPWAY_EXPORT_NAME: '{model}/{tag}/model.tar.gz',
        SLIPWAY_EXPORT_TAGS: 'latest, production',
      })
      const archive = anArchive()
      await server.publish(archive, 'default?tag=production&tag=staging')
      await untilThereIs('live/default/production/model.tar.gz', archive)
      await untilDone(server, 2)
      expect(await keysOf(store)).to.deep.equal([
        'live/default/latest/model.tar.gz',
        'live/default/production/model.tar.gz',
      ])
    })

    it('tries until it is done, says so meanwhile, the newest wins, and a restart forgets nothing', async () => {
      const proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const first = await start({}, proxy.port)
      proxy.inject({ kind: 'refuse' })
      const [one, two] = [anArchive(), anArchive()]
      await first.release(one)
      await first.promote(1)
      // Each attempt is given up after some 5 s (RETRY_POLICY of composed-server.ts).
      const failed = await eventually(
        'the failure shows',
        async () =>
          (await exports(first)).find(({ state, attempts }) => state === 'failed' && attempts === 2),
        60_000,
      )
      expect(failed['lastError']).to.be.a('string')
      for (const secret of cloud.secrets)
        expect(JSON.stringify(failed) + first.logText()).not.to.include(secret)
      expect(await (await fetch(`${first.url}/metrics`)).text()).to.include('slipway_exports_due 1')
      await first.release(two)
      await first.promote(2)
      await first.stop()

      // The bucket is still away when the server starts.
      const second = await start({}, proxy.port)
      expect(await exports(second))
        .to.have.nested.property('[0].state')
        .that.is.oneOf(['pending', 'failed'])
      proxy.heal()
      await untilThereIs('live/production.tar.gz', two)
      await untilDone(second)
      await second.stop()

      const third = await start()
      expect(await exports(third)).to.have.nested.property('[0].state', 'done')
      expect(third.lines.filter(({ msg }) => msg === 'exported')).to.deep.equal([])
    })

    it('leaves the object as it was until all of the next one is there', async () => {
      const proxy = await startFaultProxy(cloud.port)
      afterThisTest(proxy.stop)
      const server = await start({}, proxy.port)
      const [one, two] = [anArchive({ payloadBytes: 400_000 }), anArchive({ payloadBytes: 400_000 })]
      await server.release(one)
      await server.promote(1)
      await untilThereIs('live/production.tar.gz', one)
      proxy.inject({ kind: 'cut', direction: 'up', afterBytes: 200_000 })
      await server.release(two)
      await server.promote(2)
      await eventually('it is cut', () => proxy.strikes() >= 2)
      expect((await readObject(store, 'live/production.tar.gz')).equals(one)).to.equal(true)
      proxy.heal()
      await untilThereIs('live/production.tar.gz', two)
    })
  })
}
