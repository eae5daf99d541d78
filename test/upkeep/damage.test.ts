import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Pruned } from '../../protocol/prune.ts'
import type { Release } from '../../protocol/release.ts'
import type { Verification } from '../../protocol/verification.ts'
import { anArchive, largeArchiveFile } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'

describe('a release whose archive is damaged', () => {
  let folder: string
  let server: ServerUnderTest

  beforeEach(async () => {
    server = await aServer()
    folder = path.join(server.dataDir, 'blobs')
  })

  const fileOf = (digest: string) => server.blobFile(digest)
  async function flipLastBit(digest: string): Promise<void> {
    const bytes = await readFile(fileOf(digest))
    bytes[bytes.length - 1]! ^= 1
    await chmod(fileOf(digest), 0o644)
    await writeFile(fileOf(digest), bytes)
  }
  const readRelease = async () =>
    (await (await fetch(`${server.url}/api/v1/models/shop/releases/1`)).json()) as Release

  it('is answered 503 with its code, says since when, and is healed by publishing it again', async () => {
    const archive = anArchive()
    const { digest } = await server.publish(archive)
    expect(await readRelease()).not.to.have.property('damagedAt')
    await flipLastBit(digest)
    const pulled = await server.request.get('/models/shop')
    expect([pulled.status, pulled.body.code]).to.deep.equal([503, 'blob-damaged'])
    expect(await readRelease()).to.have.property('damagedAt')
    const listed = await server.request.get('/api/v1/models/shop/releases')
    expect(listed.body.items[0]).to.have.property('damagedAt')
    const promoted = await server.request.put('/api/v1/models/shop/tags/production').send({ release: 1 })
    expect([promoted.status, promoted.body.code]).to.deep.equal([503, 'blob-damaged'])

    expect(await server.publish(archive)).to.include({ number: 1 })
    expect(await readRelease()).not.to.have.property('damagedAt')
    const healed = await server.request.get('/models/shop').responseType('blob')
    expect(archive.equals(healed.body as Buffer)).to.equal(true)
  })

  it('breaks the connection where it was sent for the most part already', async () => {
    const file = path.join(server.dataDir, 'large.tar.gz')
    await largeArchiveFile(file, 5 * 1024 * 1024)
    const { digest } = await server.publish(await readFile(file))
    await flipLastBit(digest)
    const pulled = await fetch(`${server.url}/models/shop`)
    expect(pulled.status).to.equal(200)
    const outcome = await pulled.arrayBuffer().then(
      () => 'whole',
      () => 'cut',
    )
    expect(outcome).to.equal('cut')
    expect((await server.request.get('/models/shop')).status).to.equal(503)
  })

  it('goes on answering 304 to those who have it', async () => {
    const { digest } = await server.publish(anArchive())
    await rm(fileOf(digest))
    const held = await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)
    expect(held.status).to.equal(304)
    const pulled = await server.request.get('/models/shop')
    expect([pulled.status, pulled.body.code]).to.deep.equal([503, 'blob-missing'])
    expect(await readRelease()).to.have.property('damagedAt')
  })

  describe('verification over the API', () => {
    const verification = async () =>
      (await (await fetch(`${server.url}/api/v1/verification`)).json()) as Verification
    const done = () =>
      eventually('the end of the verification', async () => {
        const found = await verification()
        return found.run?.state === 'done' ? found : undefined
      })

    it('names what is damaged and what is missing', async () => {
      const digests = []
      for (let number = 1; number <= 4; number++) digests.push((await server.publish(anArchive())).digest)
      await flipLastBit(digests[0]!)
      await rm(fileOf(digests[1]!))
      const begun = await server.request.post('/api/v1/verification').send({})
      expect(begun.status).to.equal(202)
      const { run, damaged } = await done()
      expect(run).to.include({ state: 'done', blobs: 4 })
      expect(run?.findings).to.have.deep.members([
        { digest: digests[0], outcome: 'damaged' },
        { digest: digests[1], outcome: 'missing' },
      ])
      expect(damaged).to.have.length(2)
    })

    it('takes slices that together are all', async () => {
      for (let number = 1; number <= 12; number++) await server.publish(anArchive())
      let blobs = 0
      for (const part of [1, 2, 3]) {
        await server.request.post('/api/v1/verification').send({ slice: { part, of: 3 } })
        blobs += (await done()).run?.blobs ?? 0
      }
      expect(blobs).to.equal(12)
      expect(await readdir(path.join(folder, 'sha256'))).not.to.have.length(0)
    })

    it('refuses a slice that is none', async () => {
      const refused = await server.request.post('/api/v1/verification').send({ slice: { part: 3, of: 2 } })
      expect([refused.status, refused.body.code]).to.deep.equal([400, 'invalid-body'])
    })
  })
})

describe('pruning over the API', () => {
  const BOT = '0123456789ab4def8123456789abcdef'

  it('tells what would go and why the rest stays, then does it', async () => {
    const server = await aServer()
    const digests = []
    for (let number = 1; number <= 8; number++) {
      const { digest } = await server.publish(anArchive(), number === 2 ? { query: 'tag=production' } : {})
      digests.push(digest)
    }
    const poll = await server.request.get('/models/shop').set('If-None-Match', `"${digests[0]!}.${BOT}"`)
    expect(poll.status).to.equal(200)
    const prune = (body: object) => server.request.post('/api/v1/models/shop/prune').send(body)
    const dry = await prune({ keepReleases: 1, dryRun: true })
    const { pruned, kept } = dry.body as Pruned
    expect(pruned.map(({ number }) => number)).to.deep.equal([3])
    const why = Object.fromEntries(
      kept.map(({ number, reasons }) => [number, reasons.map(({ code }) => code)]),
    )
    expect(why).to.deep.equal({
      1: ['seen-running'],
      2: ['tagged', 'rollout'],
      4: ['tag-history'],
      5: ['tag-history'],
      6: ['tag-history'],
      7: ['tag-history', 'rollout'],
      8: ['tagged', 'rollout', 'seen-running', 'among-newest'],
    })
    expect((await server.request.get('/api/v1/models/shop/releases/3')).status).to.equal(200)
    const done = await prune({ keepReleases: 1 })
    expect(done.body).to.deep.equal({ ...dry.body, dryRun: false })
    expect((await server.request.get('/api/v1/models/shop/releases/3')).status).to.equal(404)
  })

  it('refuses to prune without a limit, and an unknown model', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    const unlimited = await server.request.post('/api/v1/models/shop/prune').send({ dryRun: true })
    expect([unlimited.status, unlimited.body.code]).to.deep.equal([400, 'invalid-body'])
    const unknown = await server.request.post('/api/v1/models/none/prune').send({ keepDays: 3 })
    expect(unknown.status).to.equal(404)
  })

  it('learns nothing from HEAD, from strangers, or where tracking is off', async () => {
    const server = await aServer()
    const { digest } = await server.publish(anArchive())
    await server.request.head('/models/shop').set('If-None-Match', `"${digest}.${BOT}"`)
    await server.request.get('/models/shop').set('If-None-Match', `"${digest}"`)
    expect(server.fleet.memory.size).to.equal(0)
    const untracked = await aServer({ env: { SLIPWAY_TRACK: 'off' } })
    await untracked.publish(anArchive())
    await untracked.request.get('/models/shop').set('If-None-Match', `"${digest}.${BOT}"`)
    expect(untracked.fleet.memory.size).to.equal(0)
  })
})
