import { expect } from 'chai'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { once } from 'node:events'
import path from 'node:path'
import { openGcsStore } from '../../storage/gcs/gcs-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { putBytes, someBytes } from '../contracts/object-bytes.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MiB = 1024 * 1024
const retryPolicy = {
  attempts: 4,
  firstPause: 1,
  longestPause: 2,
  answerTimeout: 5000,
  stallTimeout: 5000,
  uploadRetryTime: 5000,
}

/**
 * The upload sessions of Google's JSON API as documented, for what no installable emulator gets right: it keeps part
 * of a chunk whose connection breaks, and says by 308 and Range what it has.
 */
class SessionServer {
  readonly log: string[] = []
  received = Buffer.alloc(0)
  /** Called with each chunk's first byte; how much of the chunk is kept before the connection breaks, if it does. */
  breaksAfter: (offset: number) => number | undefined = () => undefined
  /** How many of the next sessions are gone as soon as they were begun. */
  lostSessions = 0
  #isLost = false

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'GET' && url.pathname.endsWith('/o')) {
      // The bucket is there, and empty.
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    } else if (request.method === 'GET') {
      response.writeHead(404).end('{"error":{"message":"No such object"}}')
    } else if (request.method === 'POST') {
      this.log.push(`begin ${url.searchParams.get('ifGenerationMatch') ?? 'always'}`)
      this.received = Buffer.alloc(0)
      this.#isLost = this.lostSessions > 0
      this.lostSessions -= 1
      await request.resume().toArray()
      const location = `http://${request.headers.host ?? ''}/session`
      response.writeHead(200, { location }).end()
    } else {
      await this.#take(request, response)
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const range = request.headers['content-range'] ?? ''
    this.log.push(range.replace(/\/\d+$/, ''))
    const total = Number(range.split('/')[1])
    const body = Buffer.concat((await request.toArray()) as Buffer[])
    if (this.#isLost) {
      response.writeHead(404).end()
      return
    }
    const kept = body.byteLength > 0 ? this.breaksAfter(this.received.byteLength) : undefined
    this.received = Buffer.concat([this.received, body.subarray(0, kept)])
    if (kept !== undefined) {
      request.socket.resetAndDestroy()
    } else if (this.received.byteLength === total) {
      const md5Hash = createHash('md5').update(this.received).digest('base64')
      response.end(JSON.stringify({ name: 'a', size: String(total), generation: '1', md5Hash }))
    } else {
      const last = this.received.byteLength - 1
      response.writeHead(308, last < 0 ? {} : { range: `bytes=0-${last}` }).end()
    }
  }
}

describe('an upload session of Google Cloud Storage', () => {
  const bytes = someBytes(20 * MiB + 5)
  let google: SessionServer
  let store: ObjectStore

  beforeEach(async () => {
    google = new SessionServer()
    const server = createServer((request, response) => void google.answer(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a port was expected')
    const endpointUrl = `http://127.0.0.1:${address.port}`
    const spool = path.join(await temporaryDirectory(), 'spool')
    store = await openGcsStore({ kind: 'gcs', bucket: 'models', endpointUrl, spool, retryPolicy })
    afterThisTest(async () => {
      await store.close()
      server.close()
    })
  })

  it('sends all in one request, with the precondition at its beginning', async () => {
    expect(await putBytes(store, 'a', bytes)).to.equal('created')
    expect(google.received.equals(bytes)).to.equal(true)
    expect(google.log).to.deep.equal(['begin 0', `bytes 0-${20 * MiB + 4}`])
  })

  it('goes on after the last byte that arrived', async () => {
    let breaks = 2
    google.breaksAfter = () => (breaks-- > 0 ? MiB : undefined)
    expect(await putBytes(store, 'a', bytes, 'replace')).to.equal('created')
    expect(google.received.equals(bytes)).to.equal(true)
    expect(google.log).to.deep.equal([
      'begin always',
      `bytes 0-${20 * MiB + 4}`,
      'bytes *',
      `bytes ${MiB}-${20 * MiB + 4}`,
      'bytes *',
      `bytes ${2 * MiB}-${20 * MiB + 4}`,
    ])
  })

  it('begins again where the session is gone', async () => {
    google.lostSessions = 1
    expect(await putBytes(store, 'a', bytes)).to.equal('created')
    expect(google.received.equals(bytes)).to.equal(true)
    expect(google.log.filter((line) => line.startsWith('begin'))).to.have.length(2)
  })
})
