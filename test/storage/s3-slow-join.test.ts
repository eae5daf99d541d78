import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { openS3Store } from '../../storage/s3/s3-store.ts'
import { getBytes, putBytes, someBytes } from '../contracts/object-bytes.ts'
import { withService } from '../support/services/service-process.ts'
import { startVersitygw } from '../support/services/versitygw.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024
const RETRY_POLICY = {
  attempts: 4,
  firstPause: 5,
  longestPause: 20,
  answerTimeout: 600,
  stallTimeout: 600,
  uploadRetryTime: 900,
}

describe('S3 that takes long to join parts', () => {
  const versitygw = withService(startVersitygw)

  it('is waited for in one attempt, beyond the time for a store that is away, as long as it answers other requests', async () => {
    const { port, region, credentials, makeBucket } = versitygw()
    await makeBucket('slow-join')
    let joins = 0
    const proxy = createServer((request, response) => {
      const { method, url = '/', headers } = request
      const isJoin = method === 'POST' && url.includes('uploadId=')
      if (isJoin) joins += 1
      const forward = async (): Promise<void> => {
        if (isJoin) await delay(2 * (RETRY_POLICY.uploadRetryTime + RETRY_POLICY.answerTimeout))
        const onward = send({ port, method, path: url, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        })
        onward.on('error', () => response.destroy())
        request.pipe(onward)
      }
      void forward()
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const store = await openS3Store({
      kind: 'aws',
      bucket: 'slow-join',
      region,
      credentials,
      retryPolicy: RETRY_POLICY,
      endpointUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      spool: path.join(await temporaryDirectory(), 'spool'),
    })
    afterThisTest(async () => {
      await store.close()
      proxy.closeAllConnections()
      proxy.close()
    })

    const bytes = someBytes(9 * MiB)
    await putBytes(store, 'joined', bytes)
    expect((await getBytes(store, 'joined')).equals(bytes)).to.equal(true)
    expect(joins).to.equal(1)
  })
})
