import { expect } from 'chai'
import { readdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BucketStore } from '../../storage/bucket/bucket-store.ts'
import { StoreUnavailable } from '../../storage/object-store.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { openS3Store } from '../../storage/s3/s3-store.ts'
import {
  collect,
  errorOf,
  getBytes,
  listKeys,
  putBytes,
  sha256,
  someBytes,
  stageBytes,
} from '../contracts/object-bytes.ts'
import { eventually } from '../support/eventually.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024
const retryPolicy: RetryPolicy = {
  attempts: 4,
  firstPause: 5,
  longestPause: 20,
  answerTimeout: 800,
  stallTimeout: 400,
  uploadRetryTime: 2_000,
}
const busy = 'HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

describe('S3 over a wire that fails', () => {
  const versitygw = withService(startVersitygw)
  let proxy: FaultProxy
  let store: BucketStore
  let spool: string
  let bucketFolder: string
  let tests = 0

  beforeEach(async () => {
    const { port, region, credentials, makeBucket } = versitygw()
    proxy = await startFaultProxy(port)
    spool = path.join(await temporaryDirectory(), 'spool')
    tests += 1
    bucketFolder = await makeBucket(`faults-${tests}`)
    store = await openS3Store({
      kind: 'aws',
      bucket: `faults-${tests}`,
      endpointUrl: proxy.url,
      region,
      credentials,
      spool,
      retryPolicy,
    })
    afterThisTest(async () => {
      await store.close()
      await proxy.stop()
    })
  })

  it('swaps after a look where the server knows no conditions on writes', async () => {
    const unknown = 'HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    proxy.inject({ kind: 'answer', text: unknown }, 1)
    const first = await store.swap('swapped', Buffer.from('one'), null)
    expect((await getBytes(store, 'swapped')).toString()).to.equal('one')
    proxy.inject({ kind: 'answer', text: unknown }, 1)
    expect(await errorOf(store.swap('swapped', Buffer.from('two'), null))).to.have.property(
      'name',
      'ObjectChanged',
    )
    proxy.inject({ kind: 'answer', text: unknown }, 1)
    await store.swap('swapped', Buffer.from('two'), first)
    expect((await getBytes(store, 'swapped')).toString()).to.equal('two')
  })

  describe('reading', () => {
    const bytes = someBytes(6 * MiB + 11)

    beforeEach(async () => {
      // Past the proxy, and for as long as it takes: the short times of the tests are for what is read.
      const { endpointUrl, region, credentials } = versitygw()
      const place = { kind: 'aws', bucket: `faults-${tests}`, endpointUrl, region, credentials } as const
      const direct = await openS3Store({ ...place, spool: `${spool}-direct` })
      await putBytes(direct, 'a', bytes)
      await direct.close()
    })

    for (const clean of [false, true]) {
      it(`goes on where the connection was ${clean ? 'closed' : 'reset'} in the middle of a body`, async () => {
        proxy.inject({ kind: 'cut', direction: 'down', afterBytes: MiB, clean }, 3)
        expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
        expect(proxy.strikes()).to.equal(3)
      })
    }

    it('goes on in the middle of a part', async () => {
      proxy.inject({ kind: 'cut', direction: 'down', afterBytes: MiB }, 2)
      const range = { start: 1000, length: 4 * MiB }
      const part = await getBytes(store, 'a', { range })
      expect(part.equals(bytes.subarray(1000, 1000 + 4 * MiB))).to.equal(true)
    })

    it('goes on with another connection where one stands still', async () => {
      proxy.inject({ kind: 'stall', direction: 'down', afterBytes: 2 * MiB }, 1)
      expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
      expect(proxy.strikes()).to.equal(1)
    })

    it('does not take a slow reader for a connection that stands still', async () => {
      const object = await store.open('a')
      const copies: Uint8Array[] = []
      for await (const chunk of object.chunks) {
        copies.push(Uint8Array.from(chunk))
        if (copies.length === 3)
          await new Promise((resolve) => setTimeout(resolve, 2 * retryPolicy.stallTimeout))
      }
      await object.close()
      expect(Buffer.concat(copies).equals(bytes)).to.equal(true)
    })

    it('throws, and never ends short, where the connection breaks again and again', async () => {
      const object = await store.open('a')
      proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 100 })
      expect(await errorOf(collect(object.chunks))).to.be.instanceOf(StoreUnavailable)
      await object.close()
    })

    it('never goes on with another object', async () => {
      const object = await store.open('a')
      const reading = async (): Promise<void> => {
        let position = 0
        for await (const chunk of object.chunks) {
          expect(bytes.subarray(position, position + chunk.byteLength).equals(chunk)).to.equal(true)
          if (position === 0) {
            await putBytes(store, 'a', someBytes(bytes.byteLength), 'replace')
            proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 0 }, 1)
          }
          position += chunk.byteLength
        }
      }
      expect((await errorOf(reading())).name).to.equal('ObjectChanged')
      await object.close()
    })

    it('is made again after answers of 503', async () => {
      proxy.inject({ kind: 'answer', text: busy }, 3)
      expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
    })

    it('is unavailable, before the first byte, where the server stays busy, silent or away', async () => {
      for (const fault of [
        { kind: 'answer', text: busy },
        { kind: 'stall', direction: 'down', afterBytes: 0 },
        { kind: 'refuse' },
      ] as const) {
        proxy.inject(fault)
        expect(await errorOf(store.open('a')), fault.kind).to.be.instanceOf(StoreUnavailable)
        if (fault.kind === 'stall') {
          proxy.heal()
          continue
        }
        expect(await errorOf(store.stat('a')), fault.kind).to.be.instanceOf(StoreUnavailable)
        expect(await errorOf(listKeys(store, '')), fault.kind).to.be.instanceOf(StoreUnavailable)
        proxy.heal()
      }
      expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
    }).timeout(40_000)

    it('stops at once where the caller leaves while it waits', async () => {
      const leaving = new AbortController()
      const reason = new Error('the caller left')
      proxy.inject({ kind: 'stall', direction: 'down', afterBytes: 0 }, 1)
      const opening = errorOf(store.open('a', { signal: leaving.signal }))
      leaving.abort(reason)
      expect(await opening).to.equal(reason)
    })

    it('leaves no connection behind, read to the end or not', async () => {
      for (let count = 0; count < 20; count += 1) {
        const object = await store.open('a')
        for await (const chunk of object.chunks) if (chunk.byteLength > 0 && count % 2 === 0) break
        await object.close()
      }
      await store.close()
      await eventually('all connections are closed', () => proxy.openConnections() === 0)
    })
  })

  describe('writing', () => {
    for (const size of [3 * MiB, 20 * MiB + 3]) {
      const bytes = someBytes(size)

      it(`puts ${size} bytes in place though connections break`, async () => {
        proxy.inject({ kind: 'cut', direction: 'up', afterBytes: 2 * MiB }, 2)
        expect(await putBytes(store, 'a', bytes)).to.equal('created')
        expect(proxy.strikes()).to.equal(2)
        expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
      })

      it(`puts ${size} bytes in place after answers of 503`, async () => {
        proxy.inject({ kind: 'answer', text: busy }, 3)
        expect(await putBytes(store, 'a', bytes)).to.equal('created')
        expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
      })

      it(`shows nothing of ${size} bytes that could not be sent, and can be asked again`, async () => {
        for (const clean of [false, true]) {
          const staged = await stageBytes(store, bytes)
          const options = { sha256: sha256(bytes), ifExists: 'replace' } as const
          proxy.inject({ kind: 'cut', direction: 'up', afterBytes: MiB, clean })
          expect(await errorOf(staged.commit('a', options))).to.be.instanceOf(StoreUnavailable)
          proxy.heal()
          expect(await store.stat('a')).to.equal(undefined)
          expect(await staged.commit('a', options)).to.equal('created')
          expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
          expect(await readdir(spool)).to.deep.equal([])
          await store.delete('a')
        }
      })

      it(`stops sending ${size} bytes where the caller leaves`, async () => {
        const staged = await stageBytes(store, bytes)
        const leaving = new AbortController()
        const reason = new Error('the caller left')
        proxy.inject({ kind: 'stall', direction: 'up', afterBytes: MiB })
        const options = { sha256: sha256(bytes), ifExists: 'keep', signal: leaving.signal } as const
        const committing = errorOf(staged.commit('a', options))
        await eventually('the upload stalls', () => proxy.strikes() > 0)
        leaving.abort(reason)
        expect(await committing).to.equal(reason)
        await staged.discard()
        expect(await store.stat('a')).to.equal(undefined)
        expect(await readdir(spool)).to.deep.equal([])
      })
    }

    it('is answered late and has written all the same, once', async () => {
      const bytes = someBytes(1000)
      proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 0 }, 1)
      const outcome = await putBytes(store, 'a', bytes)
      expect(['created', 'exists']).to.include(outcome)
      expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
    })

    for (const ifExists of ['keep', 'replace'] as const) {
      it(`joins the parts once though the answer to that is lost (${ifExists})`, async () => {
        const bytes = someBytes(9 * MiB)
        proxy.inject({ kind: 'lose-answer', to: 'a?uploadId=' }, 1)
        expect(await putBytes(store, 'a', bytes, ifExists)).to.equal('created')
        expect(proxy.strikes()).to.equal(1)
        expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
      })
    }
  })

  it('reads what somebody put into the bucket past the server, though it has no entity tag', async () => {
    const bytes = someBytes(3 * MiB)
    await writeFile(path.join(bucketFolder, 'a'), bytes)
    const stat = await store.stat('a')
    proxy.inject({ kind: 'cut', direction: 'down', afterBytes: MiB }, 1)
    const version = stat?.version ?? ''
    expect((await getBytes(store, 'a', { ifVersion: version })).equals(bytes)).to.equal(true)
    await writeFile(path.join(bucketFolder, 'a'), bytes.subarray(1))
    expect((await errorOf(store.open('a', { ifVersion: version }))).name).to.equal('ObjectChanged')
  })

  it('notices an object that is shorter than it says', async () => {
    await putBytes(store, 'a', someBytes(2 * MiB))
    const object = await store.open('a')
    await truncate(path.join(bucketFolder, 'a'), MiB)
    expect((await errorOf(getBytes(store, 'a', { range: { start: 0, length: 2 * MiB } }))).name).to.match(
      /^Store(Unavailable|Failed)$/,
    )
    await object.close()
  })
})
