import { gunzipSync } from 'node:zlib'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { newProcessName } from '../../protocol/process-name.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { RawConnection, rawExchange, headerOf } from '../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { skipTest } from '../support/skip-test.ts'
import { hasNginx, startNginx } from '../support/start-nginx.ts'

const archive = anArchive({ payloadBytes: 200_000 })
const digest = createHash('sha256').update(archive).digest('hex')

/** The settings that the guide recommends, word for word. */
async function recommended({ port }: ServerUnderTest): Promise<string> {
  const guide = await readFile(path.join(import.meta.dirname, '../../docs/proxies.md'), 'utf8')
  const [, settings] = /```nginx\n(.*?)```/s.exec(guide) ?? []
  if (settings?.includes('127.0.0.1:5080') !== true) throw new Error('the guide has no settings for nginx')
  return settings.replace('127.0.0.1:5080', `127.0.0.1:${port}`)
}

function nothingButProxyPass({ port }: ServerUnderTest): string {
  return `location / { proxy_pass http://127.0.0.1:${port}; }`
}

async function aServerWithModel(): Promise<ServerUnderTest> {
  const server = await aServer()
  await server.publish(archive)
  return server
}

/** Polls as a Rasa process does: fresh, then with what it got. */
async function pollTwice(
  url: string,
): Promise<{ first: Response; body: Buffer; tag: string; second: Response }> {
  const headers = { 'Accept-Encoding': 'gzip, deflate' }
  const first = await fetch(`${url}/models/shop`, {
    headers: { ...headers, 'If-None-Match': newProcessName() },
  })
  const body = Buffer.from(await first.arrayBuffer())
  const tag = first.headers.get('etag') ?? ''
  const second = await fetch(`${url}/models/shop`, { headers: { ...headers, 'If-None-Match': tag } })
  await second.arrayBuffer()
  return { first, body, tag, second }
}

function publishTo(url: string, bytes: Buffer): Promise<Response> {
  return fetch(`${url}/models/shop`, { method: 'POST', body: Uint8Array.from(bytes) })
}

describe('behind nginx', function () {
  this.timeout(60_000)

  before(function () {
    if (!hasNginx()) skipTest(this, 'nginx is not installed')
  })

  const set: Record<string, (server: ServerUnderTest) => string | Promise<string>> = {
    'with nothing but proxy_pass': nothingButProxyPass,
    'with the settings of the guide': recommended,
  }
  for (const [how, settings] of Object.entries(set)) {
    it(`a bot gets its archive, its own entity tag and 304s ${how}`, async () => {
      const server = await aServerWithModel()
      const { first, body, tag, second } = await pollTwice(await startNginx(await settings(server)))
      expect(first.status).to.equal(200)
      expect(body.equals(archive)).to.equal(true)
      expect(tag).to.match(new RegExp(`^"${digest}\\.[0-9a-f]{32}"$`))
      expect(first.headers.get('content-length')).to.equal(String(archive.length))
      expect(first.headers.get('filename')).to.match(/\.tar\.gz$/)
      expect([second.status, second.headers.get('etag')]).to.deep.equal([304, tag])
    })

    it(`a part of an archive is a part ${how}`, async () => {
      const server = await aServerWithModel()
      const url = await startNginx(await settings(server))
      const answer = await fetch(`${url}/models/shop`, { headers: { Range: 'bytes=10-19' } })
      expect(answer.status).to.equal(206)
      expect(Buffer.from(await answer.arrayBuffer()).equals(archive.subarray(10, 20))).to.equal(true)
    })

    it(`a bot that goes in the middle is seen to go ${how}: nothing is buffered`, async () => {
      const server = await aServer()
      await server.publish(anArchive({ payloadBytes: 40_000_000 }))
      const bot = await RawConnection.open(Number(new URL(await startNginx(await settings(server))).port))
      bot.socket.pause()
      bot.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await eventually('the transfer has begun', () => server.traffic.transfers === 1)
      bot.socket.resetAndDestroy()
      await eventually('the transfer has ended', () => server.traffic.transfers === 0)
      expect(server.traffic.pulls).to.include({ sent: 0, aborted: 1 })
    })
  }

  it('publishing is limited to 1 MB with nothing but proxy_pass, and not with the settings of the guide', async () => {
    const server = await aServer()
    const large = anArchive({ payloadBytes: 3_000_000 })
    const refused = await publishTo(await startNginx(nothingButProxyPass(server)), large).catch(
      () => undefined,
    )
    expect(refused?.status ?? 413).to.equal(413)
    expect(server.current.find('shop')).to.equal(undefined)
    const taken = await publishTo(await startNginx(await recommended(server)), large)
    expect(taken.status).to.equal(201)
  })

  it('a publish that is refused hears so before its body was read, with the settings of the guide', async () => {
    const server = await aServer({ publishToken: 'secret' })
    const { port } = new URL(await startNginx(await recommended(server)))
    const ci = await RawConnection.open(Number(port))
    ci.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n')
    ci.send(new Uint8Array(64_000))
    expect((await ci.answered()).status).to.equal(401)
  })

  it('gzip on leaves archives alone', async () => {
    const server = await aServerWithModel()
    const url = await startNginx(nothingButProxyPass(server), 'gzip on;')
    const { first, body, second } = await pollTwice(url)
    expect(first.headers.get('content-encoding')).to.equal(null)
    expect(body.equals(archive)).to.equal(true)
    expect(second.status).to.equal(304)
  })

  it('gzip of every type costs bots nothing but time: one layer off, it is the archive; the guide switches it off', async () => {
    const server = await aServerWithModel()
    const everything = 'gzip on; gzip_types *;'
    const ask =
      'GET /models/shop HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n'
    const port = async (base: string) => Number(new URL(await startNginx(base, everything)).port)
    const zipped = await rawExchange(
      await port(`${nothingButProxyPass(server)} gzip_http_version 1.0; gzip_proxied any;`),
      ask,
    )
    expect(headerOf(zipped, 'Content-Encoding')).to.equal('gzip')
    expect(gunzipSync(zipped.body).equals(archive)).to.equal(true)
    const plain = await rawExchange(await port(await recommended(server)), ask.replace('1.0', '1.1'))
    expect(headerOf(plain, 'Content-Encoding')).to.equal(undefined)
    expect(plain.body.equals(archive)).to.equal(true)
  })

  it('a tag that nginx marked weak still gets its 304', async () => {
    const server = await aServerWithModel()
    const url = await startNginx(nothingButProxyPass(server), 'gzip on; gzip_types *;')
    const { tag, second } = await pollTwice(url)
    expect(tag).to.match(/^W\//)
    expect(second.status).to.equal(304)
  })

  it('proxy_cache makes every poll a download, unless the settings of the guide switch it off', async () => {
    const server = await aServerWithModel()
    const cache = 'proxy_cache_path {folder}/cache keys_zone=z:1m; proxy_cache z; proxy_cache_valid 200 10m;'
    const cached = await pollTwice(await startNginx(nothingButProxyPass(server), cache))
    expect(cached.body.equals(archive), 'though the bytes are right').to.equal(true)
    expect(cached.second.status).to.equal(200)
    const sound = await pollTwice(await startNginx(await recommended(server), cache))
    expect(sound.second.status).to.equal(304)
  })

  it('proxy_cache keeps nothing: a publish is seen at once', async () => {
    const server = await aServerWithModel()
    const cache = 'proxy_cache_path {folder}/cache keys_zone=z:1m; proxy_cache z; proxy_cache_valid 200 10m;'
    const url = await startNginx(nothingButProxyPass(server), cache)
    await (await fetch(`${url}/models/shop`)).arrayBuffer()
    const next = anArchive()
    await server.publish(next)
    const answer = await fetch(`${url}/models/shop`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(next)).to.equal(true)
  })
})
