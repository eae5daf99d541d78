import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { openStore } from '../../storage/open-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import type { StoreSettings } from '../../storage/store-settings.ts'
import { errorOf } from '../contracts/object-bytes.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** So few bytes that all of them have arrived before anybody looks: undici reports those that stay unread as an error. */
const SIZE = 1000
const retryPolicy = {
  attempts: 1,
  firstPause: 1,
  longestPause: 1,
  answerTimeout: 2000,
  stallTimeout: 2000,
  uploadRetryTime: 10,
}

/** Each cloud, and a server that answers a read with other bytes than were asked for. */
const clouds: Record<string, (endpointUrl: string) => StoreSettings> = {
  S3: (endpointUrl) => ({
    kind: 'aws',
    bucket: 'models',
    region: 'us-east-1',
    endpointUrl,
    retryPolicy,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }),
  'Google Cloud Storage': (endpointUrl) => ({ kind: 'gcs', bucket: 'models', endpointUrl, retryPolicy }),
  Azure: (endpointUrl) => ({
    kind: 'azure',
    container: 'models',
    accountName: 'a',
    accountKey: 'YWJj',
    endpointUrl,
    retryPolicy,
  }),
}

describe('A body that is not what was asked for', () => {
  for (const [cloud, settings] of Object.entries(clouds)) {
    it(`is let go of by ${cloud} without harm to the process`, async () => {
      const store = await openStore(settings(await serve(otherPart)))
      afterThisTest(() => store.close())
      const range = { start: 10, length: 100 }
      expect((await errorOf(store.open('a', { range }))).name).to.match(/^(StoreUnavailable|ObjectChanged)$/)
      await untilStreamsEnded(store)
    })
  }

  it('is let go of where Google has another generation by then', async () => {
    const settings = clouds['Google Cloud Storage']
    const store = await openStore(settings!(await serve(otherGeneration)))
    afterThisTest(() => store.close())
    expect((await errorOf(store.open('a'))).name).to.equal('ObjectChanged')
    await untilStreamsEnded(store)
  })
})

/** What a stream reports by then without a listener fails the test as an uncaught exception. */
async function untilStreamsEnded(store: ObjectStore): Promise<void> {
  await store.close()
  await new Promise((resolve) => setImmediate(resolve))
}

const otherPart: RequestListener = (request, response) => {
  if (answersFacts(request.url, response)) return
  response.writeHead(206, {
    'content-length': SIZE,
    'content-range': `bytes 0-${SIZE - 1}/${SIZE}`,
    etag: '"1"',
    'last-modified': new Date(0).toUTCString(),
  })
  response.end(Buffer.alloc(SIZE))
}

const otherGeneration: RequestListener = (request, response) => {
  if (answersFacts(request.url, response)) return
  response.writeHead(200, { 'content-length': SIZE, 'x-goog-generation': '2' })
  response.end(Buffer.alloc(SIZE))
}

/** Google is asked for the facts of an object first. */
function answersFacts(url = '', response: Parameters<RequestListener>[1]): boolean {
  if (!url.includes('fields=')) return false
  response.end(JSON.stringify({ name: 'a', size: String(SIZE), generation: '1' }))
  return true
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
