import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ObjectBlobs } from '../../../server/blobs/object-blobs.ts'
import { openSqliteCatalog } from '../../../server/catalog/sqlite/sqlite-catalog.ts'
import { KeyedMutex } from '../../../concurrency/keyed-mutex.ts'
import { soleRemoval } from '../../../server/upkeep/remove-blobs.ts'
import { deleteUnusedBlobs } from '../../../server/upkeep/sweep-blobs.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { startCountingProxy } from '../../support/counting-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { startFaultProxy, type Fault, type FaultProxy } from '../../support/fault-proxy.ts'
import { openFilesUnder } from '../../support/open-files-under.ts'
import { keysOf, putObject } from '../../support/store-access.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'
import { aBucket, lookInto, storageIn, type Cloud } from './cloud.ts'
import { startServer, type RunningServer } from './composed-server.ts'

/** What holds wherever archives lie. */
export function describeBlobStorage(cloudOf: () => Cloud): void {
  describe('as blob store of the server', () => {
    let cloud: Cloud
    let bucket: string
    let folder: string
    beforeEach(async () => {
      cloud = cloudOf()
      bucket = await aBucket(cloud)
      folder = await temporaryDirectory()
    })
    const start = (port?: number, settings: Record<string, string> = {}): Promise<RunningServer> =>
      startServer(folder, { ...storageIn(cloud, bucket, port), ...settings })
    const dropCache = (): Promise<void> => rm(path.join(folder, 'data/cache'), { recursive: true })
    const pull = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
      const response = await fetch(`${url}/models/default`, { method, headers })
      return { response, bytes: Buffer.from(await response.arrayBuffer()) }
    }

    it('serves what was published, whole, in part, by its headers or as unchanged, and after a restart too', async () => {
      const archive = anArchive()
      const first = await start()
      const { digest } = await first.release(archive)
      expect(first.lines.find(({ msg }) => msg === 'store_ready')).to.include({
        createOnceBy: 'precondition',
      })
      await first.stop()
      await dropCache()
      const { url, logText } = await start()

      const head = await pull(url, {}, 'HEAD')
      expect(head.response.headers.get('content-length')).to.equal(String(archive.length))
      const part = await pull(url, { Range: 'bytes=10-29' })
      expect(part.response.status).to.equal(206)
      expect(part.bytes).to.deep.equal(archive.subarray(10, 30))
      const whole = await pull(url)
      expect(whole.response.redirected).to.equal(false)
      expect(whole.bytes.equals(archive)).to.equal(true)
      const again = await pull(url, { 'If-None-Match': whole.response.headers.get('etag') ?? '' })
      expect(again.response.status).to.equal(304)
      const store = await lookInto(cloud, bucket)
      const keys = (await keysOf(store)).filter((key) => !/^(records|backups)\//.test(key))
      expect(keys).to.deep.equal([`sha256/${digest.slice(0, 2)}/${digest}`, 'slipway-owner'])
      for (const secret of cloud.secrets) expect(logText()).not.to.include(secret)
    })

    it('keeps nothing here where it may keep nothing, and serves the same', async () => {
      const archive = anArchive({ payloadBytes: 300_000 })
      const { release, url } = await start(undefined, { SLIPWAY_CACHE_BYTES: '0' })
      await release(archive)
      for (let time = 0; time < 2; time++) expect((await pull(url)).bytes.equals(archive)).to.equal(true)
      const part = await pull(url, { Range: 'bytes=10-29' })
      expect(part.bytes).to.deep.equal(archive.subarray(10, 30))
      expect(await readdir(path.join(folder, 'data/cache'))).to.deep.equal([])
    })

    it('deletes the object of a pruned release once its grace period is over, and no other', async () => {
      const server = await start()
      const old = await server.release(anArchive())
      // The rollout of the newest, which no bot has polled yet, may go back to the one before.
      const kept = [await server.release(anArchive()), await server.release(anArchive())]
      const pruned = await fetch(`${server.url}/api/v1/models/default/prune`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ keepReleases: 1, keepHistory: 1 }),
      })
      expect(pruned.status, await pruned.text()).to.equal(200)
      await server.stop()

      const store = await lookInto(cloud, bucket)
      const catalog = await openSqliteCatalog(path.join(folder, 'data/catalog.sqlite'))
      afterThisTest(() => catalog.close())
      const anHourLater = { now: () => Date.now() + 3_600_000 }
      const blobs = new ObjectBlobs(store, () => Promise.resolve(undefined))
      const reads = { isBeingRead: () => Promise.resolve(false) }
      const removal = soleRemoval({ blobs, catalog, reads, blobLock: new KeyedMutex() })
      const deleted = await deleteUnusedBlobs(
        {
          catalog,
          blobs,
          removal,
          clock: anHourLater,
          backupLock: { tryHold: () => ({ release: () => undefined }) },
        },
        60_000,
      )
      expect(deleted).to.deep.equal([old.digest])
      const keys = await keysOf(store)
      expect(keys.filter((key) => key.startsWith('sha256/'))).to.have.members(
        kept.map(({ digest }) => `sha256/${digest.slice(0, 2)}/${digest}`),
      )
    })

    it('lets a hundred bots pull a release for one read of the bucket', async () => {
      const proxy = await startCountingProxy(cloud.port)
      afterThisTest(proxy.stop)
      const archive = anArchive({ payloadBytes: 1_000_000 })
      const publisher = await start()
      const { digest } = await publisher.release(archive)
      await publisher.stop()
      await dropCache()
      const { url } = await start(proxy.port)

      const pulls = await Promise.all(Array.from({ length: 100 }, () => pull(url)))
      expect(pulls.every(({ bytes }) => bytes.equals(archive))).to.equal(true)
      // Google is asked for facts by another GET.
      const reads = proxy.requests.filter(
        (line) => line.startsWith('GET ') && line.includes(digest) && !line.includes('fields='),
      )
      expect(reads, reads.join('\n')).to.have.length(1)
    })

    it('withholds an object that rotted, says so, and is healed by the same bytes', async () => {
      const archive = anArchive({ payloadBytes: 500_000 })
      const before = await start()
      const { digest } = await before.release(archive)
      await before.stop()
      await dropCache()
      const rotten = Buffer.from(archive)
      rotten.writeUInt8(rotten.readUInt8(1000) ^ 1, 1000)
      await putObject(await lookInto(cloud, bucket), `sha256/${digest.slice(0, 2)}/${digest}`, rotten)

      const { url, read, publish } = await start()
      expect(await pull(url).catch(() => 'broken')).to.equal('broken')
      expect((await pull(url)).response.status).to.equal(503)
      expect(await read('/api/v1/verification')).to.have.nested.property('damaged[0].digest', digest)
      expect((await publish(archive)).status).to.equal(200)
      expect((await pull(url)).bytes.equals(archive)).to.equal(true)
    })

    it('verifies what lies in the bucket, not the copies of it', async () => {
      const archive = anArchive()
      const { url, read, release } = await start()
      const { digest } = await release(archive)
      await pull(url)
      await putObject(
        await lookInto(cloud, bucket),
        `sha256/${digest.slice(0, 2)}/${digest}`,
        Buffer.from('rot'),
      )
      await fetch(`${url}/api/v1/verification`, { method: 'POST' })
      await eventually('the damage is found', async () => {
        const { damaged } = (await read('/api/v1/verification')) as { damaged: unknown[] }
        return damaged.length === 1
      })
      // Bots go on with the sound copy.
      expect((await pull(url)).bytes.equals(archive)).to.equal(true)
    })

    it('refuses a bucket folder that belongs to another data directory', async () => {
      await (await start()).stop()
      const other = await temporaryDirectory()
      const refusal = await startServer(other, storageIn(cloud, bucket)).catch((error: unknown) => error)
      expect(String(refusal)).to.include('REMOTE_STORAGE_PATH')
    })

    describe('where the wire fails', () => {
      let proxy: FaultProxy
      beforeEach(async () => {
        proxy = await startFaultProxy(cloud.port)
        afterThisTest(proxy.stop)
      })
      const broken = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

      it('publishes through a store that is away for a moment', async () => {
        const { publish } = await start(proxy.port)
        proxy.inject({ kind: 'refuse' }, 6)
        expect((await publish(anArchive())).status).to.equal(201)
        expect(proxy.strikes()).to.equal(6)
      })

      it('answers 503 where the store stays away, leaves nothing half, and takes the same archive later', async () => {
        const { url, publish, read } = await start(proxy.port)
        const archive = anArchive({ payloadBytes: 200_000 })
        proxy.inject({ kind: 'answer', text: broken })
        const refused = await publish(archive)
        expect(refused.status).to.equal(503)
        expect(refused.headers.get('retry-after')).to.match(/^\d+$/)
        expect(await read('/api/v1/models'))
          .to.have.property('items')
          .that.deep.equals([])
        expect(await readdir(path.join(folder, 'data/spool'))).to.deep.equal([])
        proxy.heal()
        expect((await publish(archive)).status).to.equal(201)
        expect((await pull(url)).bytes.equals(archive)).to.equal(true)
      })

      it('answers 503 before headers, and serves when the store is back', async () => {
        const first = await start()
        const archive = anArchive()
        await first.release(archive)
        await first.stop()
        await dropCache()
        const { url } = await start(proxy.port)
        proxy.inject({ kind: 'refuse' })
        const { response } = await pull(url)
        expect(response.status).to.equal(503)
        expect(response.headers.get('retry-after')).to.match(/^\d+$/)
        proxy.heal()
        expect((await pull(url)).bytes.equals(archive)).to.equal(true)
        // From then on the store may be away.
        proxy.inject({ kind: 'refuse' })
        expect((await pull(url)).bytes.equals(archive)).to.equal(true)
      })

      const faults: (Fault & { kind: 'cut' | 'stall' })[] = [
        { kind: 'cut', direction: 'down', afterBytes: 900_000 },
        { kind: 'cut', direction: 'down', afterBytes: 900_000, clean: true },
        { kind: 'stall', direction: 'down', afterBytes: 900_000 },
      ]
      for (const fault of faults) {
        const name = 'clean' in fault ? 'a clean cut' : `a ${fault.kind}`
        it(`goes on in the middle of a body after ${name}, and gives it up where that does not help`, async () => {
          const archive = anArchive({ payloadBytes: 2_000_000 })
          const first = await start()
          await first.release(archive)
          await first.stop()
          await dropCache()
          const { url, stop } = await start(proxy.port)
          proxy.inject(fault, 2)
          expect((await pull(url)).bytes.equals(archive)).to.equal(true)
          expect(proxy.strikes()).to.equal(2)

          await stop()
          await dropCache()
          const restarted = await start(proxy.port)
          // Nothing comes any more after the first bytes.
          proxy.inject({ ...fault, afterBytes: 100_000 }, 1, { kind: 'refuse' })
          const cutShort = pull(restarted.url)
          // Where not even the first bytes came through, it can still say so.
          const outcome = await cutShort.then(
            ({ response }) => response.status,
            () => 'broken',
          )
          expect(outcome).to.be.oneOf(['broken', 503])
          proxy.heal()
          expect((await pull(restarted.url)).bytes.equals(archive)).to.equal(true)
          await eventually('every copy is closed', async () => {
            return (await openFilesUnder(path.join(folder, 'data/cache'))).length === 0
          })
        })
      }
    })
  })
}
