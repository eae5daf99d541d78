import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Model } from '../../../protocol/model.ts'
import { readableSize } from '../../../protocol/readable-size.ts'
import type { Problem } from '../../../protocol/problem.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { FORM_TYPE, formOf } from '../../support/multipart.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

describe('a publish to a model that has a quota', () => {
  let server: ServerUnderTest
  const first = anArchive()
  beforeEach(async () => {
    server = await aServer()
    await server.publish(first)
  })

  const limit = (quota: object | null) =>
    server.request.patch('/api/v1/models/shop').send({ quota }).expect(200)
  const model = async () => (await server.request.get('/api/v1/models/shop').expect(200)).body as Model
  const post = async (body: Uint8Array, headers: Record<string, string> = {}) => {
    const init = { method: 'POST', body: Buffer.from(body), headers }
    const answer = await fetch(`${server.url}/models/shop`, init)
    return { status: answer.status, problem: (await answer.json()) as Problem }
  }
  const blobs = async () =>
    (await readdir(path.join(server.dataDir, 'blobs/sha256'), { recursive: true })).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    ).length

  it('is refused where it would be one release too many, and nothing of it is kept', async () => {
    await limit({ releases: 1 })
    const { status, problem } = await post(anArchive())
    expect([status, problem.code]).to.deep.equal([409, 'quota-exceeded'])
    expect(problem.detail).to.include('slipway prune shop').and.include('1 releases, and may have 1')
    expect((await model()).releases).to.equal(1)
    expect(await blobs()).to.equal(1)
    await limit({ releases: 2 })
    expect((await post(anArchive())).status).to.equal(201)
  })

  it('is refused where it would be too many bytes, however it comes', async () => {
    await limit({ bytes: first.length + 10 })
    expect(await model()).to.deep.include({
      quota: { bytes: first.length + 10, releases: null },
      bytes: first.length,
    })
    const archive = anArchive()
    expect((await post(archive)).problem.code).to.equal('quota-exceeded')
    const body = formOf([{ name: 'model', filename: 'a.tar.gz', content: archive }])
    expect((await post(body, { 'Content-Type': FORM_TYPE })).problem.code).to.equal('quota-exceeded')
    expect(await blobs()).to.equal(1)
    await limit({ bytes: first.length + archive.length })
    expect((await post(archive)).status).to.equal(201)
  })

  it('is refused before its bytes travel, where their number is said', async () => {
    await limit({ bytes: first.length + 10 })
    const connection = await RawConnection.open(server.port)
    connection.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n')
    connection.send('Content-Length: 1000000\r\n\r\n')
    expect((await connection.answered()).status).to.equal(409)
  })

  it('is refused as it streams, where nothing was said', async () => {
    await limit({ bytes: first.length + 100_000 })
    const connection = await RawConnection.open(server.port)
    const large = anArchive({ payloadBytes: 4_000_000 })
    connection.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.send(`${large.length.toString(16)}\r\n`)
    connection.send(large)
    expect((await connection.answered()).status).to.equal(409)
  })

  it('of the latest release again is answered as ever: it is none', async () => {
    await limit({ releases: 1, bytes: 1 })
    expect((await post(first)).status).to.equal(200)
  })

  it('beside others never goes beyond it', async () => {
    await limit({ releases: 3 })
    const statuses = await Promise.all([1, 2, 3].map(async () => (await post(anArchive())).status))
    expect(statuses.toSorted()).to.deep.equal([201, 201, 409])
    expect((await model()).releases).to.equal(3)
  })

  it('is told in slipway status, and the quota set by slipway quota', async function () {
    this.timeout(60_000)
    const env = { SLIPWAY_URL: server.url }
    const set = await callSlipway(['quota', 'shop', '--releases', '1', '--bytes', '1G'], { env })
    expect([set.code, set.out]).to.deep.equal([
      0,
      `shop: 1 of 1 releases, ${readableSize(first.length)} of 1.1 GB\n`,
    ])
    const lifted = await callSlipway(['quota', 'shop', '--bytes', 'none'], { env })
    expect(lifted).to.include({ error: '', out: 'shop: 1 of 1 releases\n' })
    expect((await model()).quota).to.deep.equal({ bytes: null, releases: 1 })
    expect((await callSlipway(['status'], { env })).out).to.match(/QUOTA.*\n.*1 of 1 releases/)
    expect((await callSlipway(['quota', 'shop', '--releases', 'none'], { env })).out).to.equal(
      'shop: no quota\n',
    )
    expect((await model()).quota).to.equal(null)
    expect((await callSlipway(['quota', 'bank'], { env })).code).to.equal(9)
  })
})
