import { expect } from 'chai'
import type { PullEvent } from '../../client/index.ts'
import { isProcessName } from '../../protocol/process-name.ts'
import { anArchive } from '../support/archive-builder.ts'
import { pullerOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const one = anArchive()

describe('the protocol', () => {
  it('begins with a name of its own, kept until the first install, then sends the tag of what was installed', async () => {
    const server = await lyingServer((_request, response) => {
      response.writeHead(503).end()
    })
    const to = await temporaryDirectory()
    await pullerOf(server.url, to, { idleTimeout: 300 }).pull()
    const drawn = server.seen[0]?.headers['if-none-match'] ?? ''
    expect(isProcessName(drawn)).to.equal(true)
    const etag = `"${digestOf(one)}.${drawn}"`
    server.answer = serveArchive(one, { headers: { etag } })
    await pullerOf(server.url, to).pull()
    await pullerOf(server.url, to).pull()
    const claims = server.seen.map(({ headers }) => headers['if-none-match'])
    expect(new Set(claims.slice(0, -1))).to.deep.equal(new Set([drawn]))
    expect(claims.at(-1)).to.equal(etag)
  })

  it('asks for no encoding and past caches', async () => {
    const server = await lyingServer(serveArchive(one))
    await pullerOf(server.url, await temporaryDirectory()).pull()
    expect(server.seen[0]?.headers).to.include({
      'accept-encoding': 'identity',
      'cache-control': 'max-age=0',
    })
  })

  it('does not send the tag of one address to another', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    await pullerOf(`${server.origin}/models/other`, to).pull()
    expect(isProcessName(server.seen[1]?.headers['if-none-match'] ?? '')).to.equal(true)
  })

  it('takes 204 for "keep what you have"', async () => {
    const server = await lyingServer(serveArchive(one))
    const to = await temporaryDirectory()
    await pullerOf(server.url, to).pull()
    server.answer = (_request, response) => response.writeHead(204).end()
    expect((await pullerOf(server.url, to).pull()).event).to.equal('unchanged')
  })

  for (const status of [204, 304]) {
    it(`fails on ${status} where nothing is installed`, async () => {
      const server = await lyingServer((_request, response) => response.writeHead(status).end())
      expect(await pullerOf(server.url, await temporaryDirectory()).pull()).to.include({
        event: 'failed',
        kind: 'source',
      })
      expect(server.seen).to.have.length(1)
    })
  }

  for (const [status, requests] of Object.entries({
    400: 1,
    401: 1,
    403: 1,
    404: 1,
    410: 1,
    408: 2,
    425: 2,
    429: 2,
    500: 2,
    503: 2,
  })) {
    it(`asks ${requests === 1 ? 'once only' : 'again'} after ${status}`, async () => {
      const server = await lyingServer((request, response, turn) => {
        if (turn > 0) serveArchive(one)(request, response, turn)
        else response.writeHead(Number(status)).end()
      })
      await pullerOf(server.url, await temporaryDirectory()).pull()
      expect(server.seen).to.have.length(requests)
    })
  }

  it('gives up at once where Retry-After is longer than the idle timeout', async () => {
    const server = await lyingServer((_request, response) =>
      response.writeHead(503, { 'retry-after': '40' }).end(),
    )
    const started = performance.now()
    await pullerOf(server.url, await temporaryDirectory(), { idleTimeout: 30_000 }).pull()
    expect(server.seen).to.have.length(1)
    expect(performance.now() - started).to.be.lessThan(2000)
  })

  for (const status of [401, 403]) {
    it(`ends a watch on ${status}`, async () => {
      const server = await lyingServer((_request, response) => response.writeHead(status).end())
      const events: PullEvent[] = []
      const { puller } = pullerOf(server.url, await temporaryDirectory(), { interval: 5 })
      for await (const event of puller.watch()) events.push(event)
      expect(events).to.have.length(1)
    })
  }
})
