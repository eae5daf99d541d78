import { rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { skipTest } from '../support/skip-test.ts'
import { fillVolume, smallVolume } from '../support/small-volume.ts'
import { publishTo, serveFolder } from './data-server.ts'

describe('a server that starts on a disk that is full to its last byte', () => {
  let dataDir: string

  beforeEach(async function () {
    const volume = (await smallVolume(16_384)) ?? skipTest(this, 'needs the right to mount')
    dataDir = path.join(volume, 'data')
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    await eventually('the ballast is there', () => isThere(path.join(dataDir, 'ballast')))
    await stop()
    await fillVolume(volume, 16_384)
  })

  it('gives up its ballast to open the catalog', async () => {
    const { url } = await serveFolder(dataDir)
    expect((await fetch(`${url}/models/shop`)).status).to.equal(200)
    expect((await fetch(`${url}/api/v1/models`)).status).to.equal(200)
  })

  it('serves polls without the catalog where there is no ballast, and says so', async () => {
    await rm(path.join(dataDir, 'ballast'))
    await writeFile(path.join(dataDir, '../more'), Buffer.alloc(16 * 1024 ** 2)).catch(() => undefined)
    const { logger, lines } = keptLog()
    const { url } = await serveFolder(dataDir, {}, logger)
    expect((await fetch(`${url}/models/shop`)).status).to.equal(200)
    const read = await fetch(`${url}/api/v1/models`)
    expect(read.status).to.equal(503)
    const ready = (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>
    expect(ready).to.include({ pulls: true, writes: false, code: 'catalog-unavailable' })
    expect(ready['reason']).to.include('full')
    expect(lines.map(({ msg }) => msg)).to.include('disk_full')
  })
})

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
