import { expect } from 'chai'
import { createServer } from 'node:http'
import path from 'node:path'
import { StoreFailed } from '../../storage/object-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { errorOf, sha256, someBytes } from '../contracts/object-bytes.ts'
import { listenOnLoopback } from '../support/listen-on-loopback.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describe('an upload in parts that a server of S3 joined to less than was sent', () => {
  it('fails, and is removed', async () => {
    const bytes = someBytes(9 * 1024 * 1024)
    const requests: string[] = []
    let isJoined = false
    const server = createServer((request, response) => {
      request.resume()
      request.on('end', () => {
        const { method = '', url = '' } = request
        const query = new URL(url, 'http://s3').searchParams
        requests.push(method)
        if (method === 'POST') {
          response.setHeader('Content-Type', 'application/xml')
          isJoined = query.has('uploadId')
          const begun =
            '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>'
          const joined = '<CompleteMultipartUploadResult><ETag>"short"</ETag></CompleteMultipartUploadResult>'
          response.end(isJoined ? joined : begun)
        } else if (method === 'HEAD') {
          response.writeHead(isJoined ? 200 : 404, { ETag: '"short"', 'Content-Length': '1000' }).end()
        } else if (method === 'GET') response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
        else response.writeHead(method === 'DELETE' ? 204 : 200, { ETag: '"part"' }).end()
      })
    })
    const endpointUrl = `http://127.0.0.1:${await listenOnLoopback(server)}`
    const store = await openStore({
      kind: 'aws',
      bucket: 'models',
      endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      spool: path.join(await temporaryDirectory(), 'spool'),
    })
    afterThisTest(() => store.close())
    const staged = await store.stage()
    await staged.write(bytes)
    const error = await errorOf(staged.commit('key', { sha256: sha256(bytes), ifExists: 'keep' }))
    expect(error, error.message).to.be.instanceOf(StoreFailed)
    expect(error.message).to.include('1000 of')
    expect(requests).to.include('DELETE')
    await staged.discard()
  })
})
