import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { diagnoseServer } from '../../client/doctor/diagnose-server.ts'
import type { DoctorOptions } from '../../client/doctor/doctor-context.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aClock } from '../support/manual-clock.ts'
import { aServer, type ServerOptions, type ServerUnderTest } from '../support/server-under-test.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

async function codesAt(url: string, options: Partial<DoctorOptions> = {}): Promise<string[]> {
  const { findings } = await diagnoseServer({
    url: new URL(url),
    headers: {},
    trust: { ca: [] },
    slow: 1000,
    upload: undefined,
    signal: AbortSignal.timeout(18_000),
    ...options,
  })
  return findings.flatMap(({ code }) => code ?? [])
}

/** A model server of somebody else. @returns the address of its model */
async function otherServer(handle: RequestListener): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`
}

/** With a clock that agrees with the one of the doctor. */
function aSlipway(options: ServerOptions = {}): Promise<ServerUnderTest> {
  return aServer({ clock: aClock(Date.now()), ...options })
}

const bytes = anArchive({ payloadBytes: 5000 })

/** What Rasa's own tests use as model server: an unquoted entity tag, 204, no HEAD. */
const asInRasasTests: RequestListener = (request, response) => {
  if (request.method !== 'GET') response.writeHead(405).end()
  else if (request.headers['if-none-match'] === 'somehash') response.writeHead(204).end()
  else
    response
      .writeHead(200, { ETag: 'somehash', filename: 'model.tar.gz', 'Content-Length': bytes.length })
      .end(bytes)
}

describe('slipway doctor at a Slipway', () => {
  it('finds nothing, and is no bot, no publish and no change', async () => {
    const server = await aSlipway()
    await server.publish(bytes)
    const upload = { bytes: 2_000_000, headers: {} }
    expect(await codesAt(`${server.url}/models/shop`, { upload })).to.deep.equal([])
    expect([...server.fleet.memory.records()]).to.have.length(0)
    const { body } = await server.request.get('/api/v1/models/shop/releases')
    expect((body as { items: unknown[] }).items).to.have.length(1)
  })

  it('sends the token where Rasa sends it, and never shows it', async () => {
    const server = await aSlipway({ pullToken: 'pull-secret', publishToken: 'publish-secret' })
    await server.publish(bytes)
    expect(await codesAt(`${server.url}/models/shop?token=pull-secret&instance=pod-3`)).to.deep.equal([])
    expect(await codesAt(`${server.url}/models/shop`)).to.deep.equal(['token-missing'])
    expect(await codesAt(`${server.url}/models/shop?token=wrong`)).to.deep.equal(['token-missing'])
    const upload = { bytes: 1000, headers: { authorization: 'Bearer pull-secret' } }
    expect(await codesAt(`${server.url}/models/shop?token=pull-secret`, { upload })).to.deep.equal([
      'publish-refused',
    ])
  })

  it('tells a model without a release from an address without a model', async () => {
    const { url } = await aSlipway()
    expect(await codesAt(`${url}/models/shop`)).to.deep.equal(['nothing-published'])
    expect(await codesAt(`${url}/model/shop`)).to.deep.equal(['wrong-address'])
  })

  it('says that the clocks differ', async () => {
    const server = await aSlipway({ clock: aClock(Date.now() + 3_600_000) })
    await server.publish(bytes)
    expect(await codesAt(`${server.url}/models/shop`)).to.deep.equal(['clock-differs'])
  })
})

describe('slipway doctor at a model server of somebody else', () => {
  const cases: Record<string, [RequestListener, string[]]> = {
    "one as in Rasa's tests": [asInRasasTests, ['parts-refused']],
    'one without entity tags': [
      (_, response) => response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes),
      ['tag-missing', 'parts-refused'],
    ],
    'one that always sends the archive': [
      (_, response) => response.writeHead(200, { ETag: '"x"', 'Content-Length': bytes.length }).end(bytes),
      ['never-unchanged', 'parts-refused'],
    ],
    'one that labels the archive as encoded, as many static servers do': [
      ({ headers }, response) => {
        if (headers['if-none-match'] === '"x"') response.writeHead(304).end()
        else response.writeHead(200, { ETag: '"x"', 'Content-Encoding': 'gzip' }).end(bytes)
      },
      ['encoding-wrong', 'parts-refused'],
    ],
    'one that compresses once more, and says so': [
      ({ headers }, response) => {
        if (headers['if-none-match'] === '"x"') response.writeHead(304).end()
        else response.writeHead(200, { ETag: '"x"', 'Content-Encoding': 'gzip' }).end(gzipSync(bytes))
      },
      ['compressed', 'parts-refused'],
    ],
    'one that breaks off': [
      ({ headers, method }, response) => {
        if (headers['if-none-match'] === '"x"') response.writeHead(304).end()
        else if (method === 'HEAD') response.writeHead(200, { ETag: '"x"' }).end()
        else {
          response.writeHead(200, { ETag: '"x"', 'Content-Length': bytes.length })
          response.write(bytes.subarray(0, 2000))
          setTimeout(() => response.destroy(), 50)
        }
      },
      ['archive-cut', 'parts-refused'],
    ],
    'a login page': [
      (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<form>'),
      ['web-page'],
    ],
    'a filter': [
      ({ headers }, response) =>
        response.writeHead(headers['user-agent']?.includes('aiohttp') === true ? 403 : 200).end('no'),
      ['filtered'],
    ],
    'a gateway whose server is down': [
      (_, response) => response.writeHead(502).end('Bad Gateway'),
      ['server-failing'],
    ],
    'a redirect to itself': [
      ({ url }, response) => response.writeHead(302, { Location: url }).end(),
      ['redirect-loop'],
    ],
  }
  for (const [what, [handle, expected]] of Object.entries(cases)) {
    it(`says of ${what}: ${expected.join(', ')}`, async () => {
      expect(await codesAt(await otherServer(handle))).to.deep.equal(expected)
    })
  }

  it('says that nothing listens, or that it speaks no HTTP', async () => {
    const url = new URL(await otherServer(asInRasasTests))
    url.protocol = 'https:'
    expect(await codesAt(url.href)).to.deep.equal(['tls-failed'])
    expect(await codesAt('http://127.0.0.1:1/model')).to.deep.equal(['unreachable'])
    expect(await codesAt('http://no-such-host.invalid/model')).to.deep.equal(['host-unknown'])
  })

  it('follows a redirect, says so, and sends no password to another origin', async () => {
    let authorization: string | undefined
    const target = await otherServer((request, response) => {
      authorization ??= request.headers.authorization
      asInRasasTests(request, response)
    })
    const front = await otherServer((_, response) => response.writeHead(302, { Location: target }).end())
    const headers = { authorization: 'Bearer secret' }
    expect(await codesAt(front, { headers })).to.deep.equal(['redirected-elsewhere', 'parts-refused'])
    expect(authorization).to.equal(undefined)
  })

  it('sends the token to publish to no other origin either, and uploads where it was told to', async () => {
    const senders: (string | undefined)[] = []
    const target = await otherServer((request, response) => {
      senders.push(request.headers.authorization)
      asInRasasTests(request, response)
    })
    const front = await otherServer((_, response) => response.writeHead(307, { Location: target }).end())
    const upload = { bytes: 1000, headers: { authorization: 'Bearer publish-secret' } }
    expect(await codesAt(front, { upload })).to.include('publish-failed')
    expect(senders).to.have.length.above(0)
    expect(senders.filter((each) => each !== undefined)).to.deep.equal([])
  })
})
