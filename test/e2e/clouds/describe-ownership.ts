import { once } from 'node:events'
import { cp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keysOf } from '../../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, lookInto, storageIn, type Cloud } from './cloud.ts'
import { LEASE_DURATION, startServer } from './composed-server.ts'
import { runServerProgram } from './server-program.ts'

/** Who may change a bucket where two servers could. */
export function describeOwnership(cloudOf: () => Cloud): void {
  describe('as a bucket that one server owns', function () {
    this.timeout(120_000)
    let cloud: Cloud
    let bucket: string
    let folder: string
    beforeEach(async () => {
      cloud = cloudOf()
      bucket = await aBucket(cloud)
      folder = await temporaryDirectory()
    })

    /** A data directory as it was copied with all that lies in it, while its server ran or not. */
    async function copyOf(original: string): Promise<string> {
      const copy = await temporaryDirectory()
      // What is being written goes while it is copied.
      const filter = (source: string): boolean => !source.endsWith('.new')
      await cp(path.join(original, 'data'), path.join(copy, 'data'), { recursive: true, filter })
      return copy
    }

    it('is changed by the server that runs, and not by one over a copy of its data directory', async () => {
      const first = await startServer(folder, storageIn(cloud, bucket))
      await first.release(anArchive())
      const copy = await startServer(await copyOf(folder), storageIn(cloud, bucket))
      await eventually(
        'the copy sees that the bucket is taken',
        () => copy.lines.some(({ msg }) => msg === 'store_owned_elsewhere'),
        60_000,
      )

      const refused = await copy.publish(anArchive())
      expect(refused.status).to.equal(503)
      expect(await refused.json()).to.include({ code: 'storage-owned-elsewhere' })
      const moved = await fetch(`${copy.url}/api/v1/models/default/tags/production`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ release: 1 }),
      })
      expect(await moved.json()).to.include({ code: 'storage-owned-elsewhere' })
      expect((await fetch(`${copy.url}/models/default`)).status).to.equal(200)
      const readiness = await fetch(`${copy.url}/readyz`)
      expect(readiness.status).to.equal(200)
      expect(await readiness.json()).to.include({
        pulls: true,
        writes: false,
        code: 'storage-owned-elsewhere',
      })
      await first.release(anArchive())
    })

    it('passes to the copy when the server that had it was stopped', async () => {
      const first = await startServer(folder, storageIn(cloud, bucket))
      await first.release(anArchive())
      await first.stop()
      const copy = await startServer(await copyOf(folder), storageIn(cloud, bucket))
      expect((await copy.release(anArchive())).number).to.equal(2)
    })

    it('passes to the copy some time after the server that had it was killed', async () => {
      const killed = runServerProgram(folder, storageIn(cloud, bucket))
      const url = await killed.listening()
      const published = await fetch(`${url}/models/default`, {
        method: 'POST',
        body: Buffer.from(anArchive()),
      })
      expect(published.status).to.equal(201)
      await killed.kill()
      const startedAt = performance.now()
      const copy = await startServer(await copyOf(folder), storageIn(cloud, bucket))
      const early = await copy.publish(anArchive())
      // On a busy machine the lease may have stood still for long enough already.
      if (performance.now() - startedAt < LEASE_DURATION) {
        expect(early.status).to.equal(503)
        expect(await early.json()).to.include({ code: 'storage-owned-elsewhere' })
      }
      await eventually(
        'the copy may publish',
        async () => (await copy.publish(anArchive())).status === 201,
        60_000,
      )
      expect(performance.now() - startedAt).to.be.at.least(LEASE_DURATION)
    })

    it('is had again at once by the server that was killed and started anew', async () => {
      const killed = runServerProgram(folder, storageIn(cloud, bucket))
      await killed.listening()
      await killed.kill()
      const again = await startServer(folder, storageIn(cloud, bucket))
      await again.release(anArchive())
    })

    it('is refused to another catalog, which says what to do', async () => {
      const first = await startServer(folder, storageIn(cloud, bucket))
      await first.release(anArchive())
      await first.stop()
      const other = runServerProgram(await temporaryDirectory(), storageIn(cloud, bucket))
      expect(await other.exited).to.equal(2)
      expect(other.output()).to.match(/belongs to another catalog.*slipway restore/s)
    })

    it('is nobody’s after a start that failed on its import', async () => {
      const failed = runServerProgram(folder, {
        ...storageIn(cloud, bucket),
        SLIPWAY_IMPORT: `${cloud.scheme}://no-such-bucket-at-all/trained`,
      })
      expect(await failed.exited).to.equal(2)
      expect(await keysOf(await lookInto(cloud, bucket))).to.deep.equal([])
      await rm(path.join(folder, 'data'), { recursive: true, force: true })
      await (await startServer(await temporaryDirectory(), storageIn(cloud, bucket))).release(anArchive())
    })

    it('is nobody’s after a start that could not listen', async () => {
      const occupied = createServer().listen(0, '127.0.0.1')
      await once(occupied, 'listening')
      afterThisTest(() => void occupied.close())
      const { port } = occupied.address() as AddressInfo
      const failed = runServerProgram(folder, { ...storageIn(cloud, bucket), PORT: String(port) })
      expect(await failed.exited, failed.output()).to.equal(1)
      expect(await keysOf(await lookInto(cloud, bucket))).to.deep.equal([])
    })
  })
}
