import { truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ApiClient } from '../../client/api/api-client.ts'
import { pushArchive } from '../../client/api/push-archive.ts'
import type { Progress } from '../../client/events.ts'
import { eventually } from '../support/eventually.ts'
import { lyingServer } from '../support/lying-server.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const SIZE = 64 * 1024 * 1024

describe('an upload', function () {
  this.timeout(60_000)

  it('tells how much was sent while the server reads slowly', async () => {
    const reading = Promise.withResolvers<undefined>()
    const server = await lyingServer(async (request, response) => {
      if (request.method === 'GET') {
        response.writeHead(404).end()
        return
      }
      await reading.promise
      request.resume()
      request.on('end', () => response.writeHead(400).end())
    })
    const file = path.join(await temporaryDirectory(), 'large.tar.gz')
    await writeFile(file, '')
    await truncate(file, SIZE)
    const signal = new AbortController().signal
    const client = new ApiClient({ url: new URL(`${server.origin}/`), token: undefined, signal })
    afterThisTest(() => client.close())
    const told: Progress[] = []
    const upload = pushArchive(client, {
      file,
      model: 'shop',
      tags: [],
      onProgress: (progress) => told.push(progress),
    }).catch((error: unknown) => error)
    await eventually('a part was sent', () => told.some(({ bytes }) => bytes > 0))
    // What the network holds is a few megabytes; the rest waits for the server.
    expect(told.at(-1)?.bytes).to.be.lessThan(SIZE)
    expect(told.at(-1)?.total).to.equal(SIZE)
    reading.resolve(undefined)
    expect(await upload).to.be.instanceOf(Error)
  })

  it('that may have been done has the server refuse its repeat where latest moves at the last moment', async () => {
    const digest = 'ab'.repeat(32)
    const latest = {
      ...{ model: 'shop', tag: 'latest', release: 1, digest, movedAt: '2026-11-28T10:00:00.000Z' },
      ...{ movedBy: 'ann', reason: null },
    }
    let posts = 0
    const server = await lyingServer((request, response) => {
      if (request.url?.endsWith('/tags/latest') === true) response.end(JSON.stringify(latest))
      else if (request.method === 'GET') response.writeHead(404).end()
      else if (posts++ === 0) response.destroy()
      else response.writeHead(400).end()
    })
    const file = path.join(await temporaryDirectory(), 'bot.tar.gz')
    await writeFile(file, 'bytes')
    const signal = new AbortController().signal
    const client = new ApiClient({ url: new URL(`${server.origin}/`), token: undefined, signal })
    afterThisTest(() => client.close())
    await pushArchive(client, { file, model: 'shop', tags: [] }).catch(() => undefined)
    const sent = server.seen.filter(({ method }) => method === 'POST')
    expect(sent.map(({ headers }) => headers['if-match'])).to.deep.equal([undefined, `"${digest}"`])
  })
})
