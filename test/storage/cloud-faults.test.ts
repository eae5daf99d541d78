import { expect } from 'chai'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { ObjectStore } from '../../storage/object-store.ts'
import { StoreUnavailable } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import type { RetryPolicy } from '../../storage/bucket/retry-policy.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import { collect, errorOf, getBytes, putBytes, someBytes } from '../contracts/object-bytes.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { startAzurite } from '../support/services/azurite.ts'
import { startFakeGcsServer } from '../support/services/fake-gcs-server.ts'
import { withService } from '../support/services/service-process.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024
const retryPolicy: RetryPolicy = {
  attempts: 4,
  firstPause: 5,
  longestPause: 20,
  answerTimeout: 3000,
  stallTimeout: 400,
  uploadRetryTime: 2000,
}
const busy = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

interface Reached {
  port: number
  settings: (endpointUrl: string, spool: string) => StoreSettings
}

describe('Google Cloud Storage over a wire that fails', () => {
  const fakeGcsServer = withService(startFakeGcsServer)

  describeFaults(async () => {
    const { port, makeBucket } = fakeGcsServer()
    await makeBucket('models')
    const folder = randomUUID()
    const settings = (endpointUrl: string, spool: string): StoreSettings => ({
      kind: 'gcs',
      bucket: 'models',
      folder,
      endpointUrl,
      spool,
      retryPolicy,
    })
    return { port, settings }
  })
})

describe('Azure over a wire that fails', () => {
  const azurite = withService(startAzurite)

  describeFaults(async () => {
    const { port, accountName, accountKey, makeContainer } = azurite()
    await makeContainer('models')
    const folder = randomUUID()
    const settings = (url: string, spool: string): StoreSettings => ({
      kind: 'azure',
      container: 'models',
      folder,
      accountName,
      accountKey,
      spool,
      retryPolicy,
      endpointUrl: `${url}/${accountName}`,
    })
    return { port, settings }
  })
})

function describeFaults(reach: () => Promise<Reached>): void {
  let proxy: FaultProxy
  let store: ObjectStore

  beforeEach(async () => {
    const { port, settings } = await reach()
    proxy = await startFaultProxy(port)
    store = await openStore(settings(proxy.url, path.join(await temporaryDirectory(), 'spool')))
    afterThisTest(async () => {
      await store.close()
      await proxy.stop()
    })
  })

  it('goes on where connections break or stand still in the middle of a body', async () => {
    const bytes = someBytes(5 * MiB + 3)
    await putBytes(store, 'a', bytes)
    proxy.inject({ kind: 'cut', direction: 'down', afterBytes: MiB }, 2)
    expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
    proxy.inject({ kind: 'stall', direction: 'down', afterBytes: MiB }, 1)
    expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
    expect(proxy.strikes()).to.equal(1)
  })

  it('throws, and never ends short, where the connection breaks again and again', async () => {
    // More than lies in buffers between here and the proxy once it is opened.
    await putBytes(store, 'a', someBytes(32 * MiB))
    const object = await store.open('a')
    proxy.inject({ kind: 'cut', direction: 'down', afterBytes: 100 })
    expect(await errorOf(collect(object.chunks))).to.be.instanceOf(StoreUnavailable)
    await object.close()
  })

  for (const size of [3 * MiB, 20 * MiB + 3]) {
    it(`puts ${size} bytes in place though connections break and the server is busy`, async () => {
      const bytes = someBytes(size)
      proxy.inject({ kind: 'cut', direction: 'up', afterBytes: MiB }, 2)
      expect(await putBytes(store, 'a', bytes)).to.equal('created')
      expect((await getBytes(store, 'a')).equals(bytes)).to.equal(true)
      proxy.inject({ kind: 'answer', text: busy }, 2)
      expect(await putBytes(store, 'b', bytes)).to.equal('created')
      expect((await getBytes(store, 'b')).equals(bytes)).to.equal(true)
    }).timeout(40_000)

    it(`shows nothing of ${size} bytes that could not be sent`, async () => {
      proxy.inject({ kind: 'cut', direction: 'up', afterBytes: MiB })
      expect(await errorOf(putBytes(store, 'a', someBytes(size)))).to.be.instanceOf(StoreUnavailable)
      proxy.heal()
      expect(await store.stat('a')).to.equal(undefined)
    })
  }

  it('is unavailable where nobody answers', async () => {
    proxy.inject({ kind: 'refuse' })
    expect(await errorOf(store.open('a'))).to.be.instanceOf(StoreUnavailable)
    expect(await errorOf(store.stat('a'))).to.be.instanceOf(StoreUnavailable)
  })
}
