import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { anArchive } from '../support/archive-builder.ts'
import { shortOrLong } from '../support/long-form.ts'
import { aBackupPlace, type BackupPlace } from './a-backup-place.ts'
import { publishTo, releasesOf, serveFolder, spawnServer, spawnTool } from './data-server.ts'
import { killOnce } from './kill-once.ts'

const RESTORES = shortOrLong('restores over each kind of damaged catalog: 5 instead of 50', {
  short: 5,
  long: 50,
})

describe('a restore', function () {
  this.timeout(60_000)
  let dataDir: BackupPlace['dataDir']
  let folder: BackupPlace['folder']
  let back: BackupPlace['back']
  let restore: BackupPlace['restore']
  let aDataDirectory: BackupPlace['aDataDirectory']
  let aFileIn: BackupPlace['aFileIn']

  beforeEach(async () => {
    ;({ dataDir, folder, back, restore, aDataDirectory, aFileIn } = await aBackupPlace())
  })

  it('restores on an empty folder, release by release, what was backed up under load', async () => {
    const { url, stop } = await serveFolder(dataDir)
    for (let number = 1; number <= 20; number++) await publishTo(url, anArchive(), 'shop', '?tag=production')
    const work = new AbortController()
    const isLoaded = () => !work.signal.aborted
    const load = Array.from({ length: 4 }, async () => {
      while (isLoaded()) await publishTo(url, anArchive(), 'shop', '?tag=production')
    })
    const pruning = (async () => {
      while (isLoaded()) {
        const body = JSON.stringify({ keepReleases: 10, keepHistory: 1 })
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${url}/api/v1/models/shop/prune`, { method: 'POST', body, headers })
        expect(answer.status).to.equal(200)
        await delay(20)
      }
    })()
    const before = await releasesOf(url)
    const report = await back()
    const after = new Map((await releasesOf(url)).map((release) => [release.number, release]))
    work.abort()
    await Promise.all([...load, pruning])
    await stop()
    expect(report.lost).to.deep.equal([])

    const restoredDir = `${dataDir}-restored`
    await restore({ dataDir: restoredDir })
    const restored = await serveFolder(restoredDir)
    const releases = await releasesOf(restored.url)
    const numbers = new Set(releases.map(({ number }) => number))
    for (const { number } of before) if (after.has(number)) expect(numbers).to.include(number)
    for (const release of releases) {
      const known = after.get(release.number) ?? before.find(({ number }) => number === release.number)
      if (known !== undefined) expect(release).to.deep.equal(known)
      const answer = await fetch(`${restored.url}/api/v1/models/shop/releases/${release.number}/archive`)
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect(createHash('sha256').update(bytes).digest('hex')).to.equal(release.digest)
    }
    const pulled = await fetch(`${restored.url}/models/shop@production`)
    expect(pulled.status).to.equal(200)
  })

  it('keeps tags, their history, notes, and says where numbers go on', async () => {
    await aDataDirectory()
    await back()
    await rm(dataDir, { recursive: true })
    const { numbers } = await restore()
    expect(numbers).to.deep.equal([{ model: 'shop', from: 4, to: 2001 }])
    const { url } = await serveFolder(dataDir)
    const history = await fetch(`${url}/api/v1/models/shop/tags/production/history`)
    expect(((await history.json()) as { items: unknown[] }).items).to.have.length(3)
    expect((await releasesOf(url))[0]).to.include({ number: 3, notes: 'Grüße' })
    expect(await publishTo(url, anArchive())).to.include({ number: 2001 })
    expect(await publishTo(url, anArchive(), 'new')).to.include({ number: 1001 })
  })

  it('leaves a gap above what the catalog that it replaces gave out', async () => {
    await aDataDirectory(1)
    await back()
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    await publishTo(url, anArchive(), 'later')
    await stop()
    const { numbers, setAside } = await restore({ replace: true })
    expect(numbers[0]!.to).to.be.above(1000)
    const restored = await serveFolder(dataDir)
    expect((await publishTo(restored.url, anArchive(), 'later')).number).to.be.above(1000)
    expect((await releasesOf(restored.url)).map(({ number }) => number)).to.deep.equal([1])
    expect(await readFile(setAside!)).not.to.have.length(0)
  })

  it('says which archives were lost already, and restores the others', async () => {
    await aDataDirectory(2)
    const lost = (await readdir(path.join(dataDir, 'blobs/sha256'), { recursive: true })).find((name) =>
      /[0-9a-f]{64}$/.test(name),
    )!
    await rm(path.join(dataDir, 'blobs/sha256', lost))
    const report = await back()
    expect(report.lost).to.deep.equal([path.basename(lost)])
    await rm(dataDir, { recursive: true })
    await restore()
    const { url } = await serveFolder(dataDir)
    const damaged = (await releasesOf(url)).filter((release) => release.damagedAt !== undefined)
    expect(damaged.map(({ digest }) => digest)).to.deep.equal(report.lost)
  })

  describe('of a damaged backup', () => {
    const DAMAGE: Record<string, () => Promise<void>> = {
      'with a flipped bit in an archive': async () => flip(await aFileIn('blobs')),
      'with an archive cut short': async () => {
        const file = await aFileIn('blobs')
        await chmod(file, 0o644)
        await truncate(file, 100)
      },
      'with an archive missing': async () => rm(await aFileIn('blobs')),
      'with a flipped bit in the catalog': async () => flip(await catalogFile()),
      'without its catalog': async () => rm(await catalogFile()),
      'without its manifest': () => rm(path.join(folder, 'manifest.json')),
      'with half a manifest': () => truncate(path.join(folder, 'manifest.json'), 300),
      'whose manifest forgets an archive': async () => {
        const file = path.join(folder, 'manifest.json')
        const manifest = JSON.parse(await readFile(file, 'utf8')) as { blobs: unknown[] }
        manifest.blobs.pop()
        await writeFile(file, JSON.stringify(manifest))
      },
    }

    async function catalogFile(): Promise<string> {
      const name = (await readdir(folder)).find((each) => each.startsWith('catalog-'))!
      return path.join(folder, name)
    }

    async function flip(file: string): Promise<void> {
      const bytes = await readFile(file)
      bytes[bytes.length >> 1]! ^= 1
      await chmod(file, 0o644)
      await writeFile(file, bytes)
    }

    for (const [how, damage] of Object.entries(DAMAGE)) {
      it(`${how}, is refused, and nothing is changed`, async () => {
        await aDataDirectory(2)
        await back({ copy: true })
        await damage()
        const target = `${dataDir}-target`
        await cp(dataDir, target, { recursive: true })
        const before = await readFile(path.join(target, 'catalog.sqlite'))
        const refusal = await rejection(restore({ dataDir: target, replace: true }))
        expect(refusal).to.include({ name: 'ToolFailure', exit: 4 })
        expect((await readFile(path.join(target, 'catalog.sqlite'))).equals(before)).to.equal(true)
        const { url } = await serveFolder(target)
        expect(await releasesOf(url)).to.have.length(2)
      })
    }
  })

  it('refuses a data directory whose server runs, and one that has a catalog', async () => {
    await aDataDirectory(1)
    await back()
    expect(await rejection(restore())).to.include({ exit: 2 })
    const { stop } = await serveFolder(dataDir)
    expect(await rejection(restore({ replace: true }))).to.include({ exit: 3 })
    await stop()
    await restore({ replace: true })
  })

  describe('over a catalog that is', () => {
    const DAMAGE: Record<string, (file: string) => Promise<void>> = {
      'cut in half': async (file) => truncate(file, (await stat(file)).size >> 1),
      'overwritten from its second page on': async (file) => {
        const bytes = await readFile(file)
        await writeFile(file, bytes.fill(0x5a, 4096))
      },
      empty: (file) => truncate(file),
    }

    for (const [how, damage] of Object.entries(DAMAGE)) {
      it(`${how}, succeeds ${RESTORES} times out of ${RESTORES}, and keeps what was there`, async () => {
        await aDataDirectory(1)
        await back()
        for (let round = 0; round < RESTORES; round++) {
          const target = path.join(path.dirname(dataDir), `target-${round}`)
          await cp(dataDir, target, { recursive: true })
          await damage(path.join(target, 'catalog.sqlite'))
          const before = await readFile(path.join(target, 'catalog.sqlite'))
          const { setAside } = await restore({ dataDir: target, replace: true })
          expect((await readFile(setAside!)).equals(before)).to.equal(true)
          expect((await readdir(target)).filter((name) => /sqlite-(wal|shm)$/.test(name))).to.deep.equal([])
          await rm(target, { recursive: true })
        }
      })
    }

    it('a folder, succeeds, and sets it aside with what is in it', async () => {
      await aDataDirectory(1)
      await back()
      for (const name of ['catalog.sqlite', 'catalog.sqlite-wal', 'catalog.sqlite.restoring']) {
        await rm(path.join(dataDir, name), { force: true })
        await mkdir(path.join(dataDir, name))
        await writeFile(path.join(dataDir, name, 'note'), name)
      }
      const { setAside } = await restore({ replace: true })
      expect(await readFile(path.join(setAside!, 'note'), 'utf8')).to.equal('catalog.sqlite')
      expect(await readFile(path.join(`${setAside!}-wal`, 'note'), 'utf8')).to.equal('catalog.sqlite-wal')
      const { url, stop } = await serveFolder(dataDir)
      expect(await releasesOf(url)).to.have.length(1)
      await stop()
    })

    it('sound, with a log that was not moved into it, goes on above the numbers of the log', async () => {
      const { url, child } = await spawnServer(dataDir)
      await publishTo(url, anArchive())
      await back()
      for (let more = 0; more < 3; more++) await publishTo(url, anArchive(), 'later')
      child.kill('SIGKILL')
      await once(child, 'exit')
      const { setAside } = await restore({ replace: true })
      const { url: restored, stop } = await serveFolder(dataDir)
      expect((await publishTo(restored, anArchive(), 'later')).number).to.be.above(1000)
      await stop()
      const aside = await openSqliteCatalog(setAside!)
      expect(await aside.countReleases('later')).to.equal(3)
      await aside.close()
    })
  })

  it('leaves the data directory as it was or as the backup where a restore is killed', async () => {
    await aDataDirectory(2)
    await back({ copy: true })
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    await stop()
    const asideOrPrepared = async (): Promise<string[]> => {
      const names = await readdir(dataDir)
      return names.filter((name) => name.includes('.restoring') || name.includes('.before-restore'))
    }
    for (const [what, sign] of [
      ['the catalog is prepared', '.restoring'],
      ['the catalog is set aside', '.before-restore'],
    ] as const) {
      const start = async () => {
        for (const name of await asideOrPrepared()) await rm(path.join(dataDir, name))
        return spawnTool('restore', [folder, '--replace'], { DATA_DIR: dataDir })
      }
      await killOnce(what, start, async () => (await asideOrPrepared()).some((name) => name.includes(sign)))
      const server = await serveFolder(dataDir)
      const releases = await releasesOf(server.url)
      expect([2, 3]).to.include(releases.length)
      for (const { number } of releases) {
        const answer = await fetch(`${server.url}/api/v1/models/shop/releases/${number}/archive`)
        expect(answer.status).to.equal(200)
        await answer.arrayBuffer()
      }
      await server.stop()
    }
  })
})
