import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { rejection } from '../contracts/catalog-support.ts'
import { anArchive } from '../support/archive-builder.ts'
import { keptLog } from '../support/log-lines.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, serveFolder } from './data-server.ts'

describe('a server whose catalog is lost', () => {
  let dataDir: string
  let digest: string

  beforeEach(async () => {
    dataDir = path.join(await temporaryDirectory(), 'data')
    const { url, stop } = await serveFolder(dataDir)
    for (let number = 1; number <= 30; number++)
      ({ digest } = await publishTo(url, anArchive(), 'shop', '?tag=production'))
    await stop()
  })

  const DAMAGE: Record<string, (file: string) => Promise<void>> = {
    'pages overwritten': (file) => damagePages(file),
    'its head overwritten': async (file) => {
      const handle = await open(file, 'r+')
      await handle.write(Buffer.alloc(100, 1), 0, 100, 0)
      await handle.close()
    },
    'cut in half': async (file) => {
      const bytes = await readFile(file)
      await writeFile(file, bytes.subarray(0, bytes.length >> 1))
    },
    'been deleted': (file) => rm(file),
    'been emptied': (file) => writeFile(file, ''),
  }

  for (const [how, damage] of Object.entries(DAMAGE)) {
    it(`serves polls and refuses changes where it has ${how}`, async () => {
      await damage(path.join(dataDir, 'catalog.sqlite'))
      const { logger, lines } = keptLog()
      const { url } = await serveFolder(dataDir, {}, logger)
      expect(lines.map(({ msg }) => msg)).to.include('db_corrupt')

      const pulled = await fetch(`${url}/models/shop@production`)
      expect([pulled.status, pulled.headers.get('slipway-release')]).to.deep.equal([200, '30'])
      expect((await pulled.arrayBuffer()).byteLength).to.be.above(100)
      const headers = { 'if-none-match': `"${digest}"` }
      expect((await fetch(`${url}/models/shop`, { headers })).status).to.equal(304)

      const published = await fetch(`${url}/models/shop`, { method: 'POST', body: Buffer.from(anArchive()) })
      expect(published.status).to.equal(503)
      expect(await published.json()).to.include({ code: 'catalog-unavailable' })
      const read = await fetch(`${url}/api/v1/models/shop/tags`)
      expect(read.status).to.equal(503)
      const status = (await (await fetch(`${url}/api/v1/status`)).json()) as { warnings: { code: string }[] }
      expect(status.warnings.map(({ code }) => code)).to.include('catalog-lost')
      expect(await readiness(url)).to.include({ pulls: true, writes: false, code: 'catalog-unavailable' })
      expect(await (await fetch(`${url}/metrics`)).text()).to.include('slipway_catalog_lost 1')
    })
  }

  it('says the same of damage that is found while it runs', async () => {
    const { logger, lines } = keptLog()
    const { url } = await serveFolder(dataDir, {}, logger)
    expect(await readiness(url)).to.deep.equal({ pulls: true, writes: true })
    await damagePages(path.join(dataDir, 'catalog.sqlite'), 4096)
    // Not read since the start: SQLite keeps pages that it has read.
    const read = await fetch(`${url}/api/v1/models/shop/tags/production/history`)
    expect(read.status).to.equal(503)
    expect(lines.map(({ msg }) => msg)).to.include('catalog_unavailable')
    expect(await readiness(url)).to.include({ pulls: true, writes: false, code: 'catalog-unavailable' })
    expect(await (await fetch(`${url}/metrics`)).text()).to.include('slipway_catalog_lost 1')
    const status = (await (await fetch(`${url}/api/v1/status`)).json()) as { warnings: { code: string }[] }
    expect(status.warnings.map(({ code }) => code)).to.include('catalog-lost')
    expect((await fetch(`${url}/models/shop@production`)).status).to.equal(200)
  })

  it('has no bot change models: its rollouts are not known', async () => {
    const process = '0123456789ab4def8123456789abcdef'
    const poll = (tag: string, etag: string) =>
      fetch(`${url}/models/shop@${tag}`, { headers: { 'if-none-match': etag } })
    await rm(path.join(dataDir, 'catalog.sqlite'))
    const { url } = await serveFolder(dataDir)
    // A canary may run it: nobody can say any more whether that is meant so.
    const canary = await poll('production', `"${'1'.repeat(64)}.${process}"`)
    expect(canary.status).to.equal(204)
    expect((await poll('production', `"${digest}.${process}"`)).status).to.equal(304)
    const cold = await poll('production', process)
    expect([cold.status, cold.headers.get('slipway-release')]).to.deep.equal([200, '30'])
    await cold.arrayBuffer()
  })

  it('still says so after another restart', async () => {
    await rm(path.join(dataDir, 'catalog.sqlite'))
    const first = await serveFolder(dataDir)
    await first.stop()
    const second = await serveFolder(dataDir)
    expect((await fetch(`${second.url}/models/shop`)).status).to.equal(200)
    expect((await fetch(`${second.url}/api/v1/models`)).status).to.equal(503)
  })

  it('does not start where nothing is known of what it said', async () => {
    await rm(path.join(dataDir, 'current.json'))
    await writeFile(path.join(dataDir, 'catalog.sqlite'), 'not a catalog at all')
    expect(await rejection(serveFolder(dataDir))).to.include({ code: 'catalog-unavailable' })
  })

  it('has a current.json that follows each change, whole at every moment', async () => {
    const { url, stop } = await serveFolder(dataDir)
    const file = path.join(dataDir, 'current.json')
    const work = new AbortController()
    const isDone = () => work.signal.aborted
    const reading = (async () => {
      while (!isDone()) JSON.parse(await readFile(file, 'utf8'))
    })()
    for (let number = 31; number <= 60; number++) await publishTo(url, anArchive())
    await stop()
    work.abort()
    await reading
    const { models } = JSON.parse(await readFile(file, 'utf8')) as {
      models: { tags: { tag: string; release: { number: number } }[] }[]
    }
    const tags = models[0]!.tags.map(({ tag, release }) => [tag, release.number])
    expect(tags).to.deep.include(['latest', 60])
  })
})

async function damagePages(file: string, stride = 8192): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  for (let at = 4096; at < size; at += stride) await handle.write(Buffer.alloc(2048, 0x5a), 0, 2048, at)
  await handle.close()
}

async function readiness(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>
}
