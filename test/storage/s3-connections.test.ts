import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { defaultRetryPolicy } from '../../storage/bucket/retry-policy.ts'
import { openS3Store } from '../../storage/s3/s3-store.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** More than the server sends downloads at once (SLIPWAY_MAX_DOWNLOADS), where each reads the bucket by itself. */
const SLOW_READERS = 1_300

describe('the connections to S3', () => {
  it('are enough for the lease although every download holds one and is not read', async () => {
    const server = createServer((request, response) => {
      response.setHeader('ETag', '"1"')
      response.setHeader('Content-Length', '1000')
      if (request.method === 'HEAD') response.end()
      else response.write('x')
    }).listen({ port: 0, host: '127.0.0.1', backlog: 2_000 })
    await once(server, 'listening')
    const store = await openS3Store({
      kind: 'aws',
      bucket: 'archives',
      endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      retryPolicy: { ...defaultRetryPolicy, attempts: 1, answerTimeout: 15_000 },
    })
    afterThisTest(async () => {
      await store.close()
      server.closeAllConnections()
      server.close()
    })
    const opening = Array.from({ length: SLOW_READERS }, (_, index) => store.open(`archive-${index}`))
    const reads = Promise.all(opening)
    reads.catch(() => undefined)
    expect((await store.stat('slipway-owner'))?.size).to.equal(1_000)
    for (const read of await reads) await read.close()
  }).timeout(60_000)
})
