import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { lockBlobs } from '../../server/catalog/sqlite/backup-lock.ts'
import { takeBackup } from '../../server/tools/backup/take-backup.ts'
import { verifyBackup } from '../../server/tools/backup/verify-backup.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aBackupPlace, type BackupPlace } from './a-backup-place.ts'
import { publishTo, releasesOf, serveFolder, spawnServer, spawnTool } from './data-server.ts'
import { killOnce } from './kill-once.ts'

describe('a backup', function () {
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

  it('keeps blobs from being deleted while it collects them, and no longer', async () => {
    await aDataDirectory(3)
    const running = new AbortController()
    const backup = back({ copy: true }).finally(() => {
      running.abort()
    })
    let refused = 0
    while (!running.signal.aborted) {
      const lock = lockBlobs(dataDir)
      if (lock === undefined) refused++
      lock?.release()
      await delay(1)
    }
    await backup
    expect(refused).to.be.above(0)
    const lock = lockBlobs(dataDir)
    expect(lock).not.to.equal(undefined)
    lock?.release()
  })

  it('brings only what is new the next time, and drops what is no longer named', async () => {
    await aDataDirectory(3)
    expect(await back()).to.include({ blobs: 3, added: 3 })
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    const gone = (await releasesOf(url)).at(-1)!
    await fetch(`${url}/api/v1/models/shop/tags/production`, { method: 'DELETE' })
    await fetch(`${url}/api/v1/models/shop/releases/${gone.number}`, { method: 'DELETE' })
    await stop()
    expect(await back()).to.include({ blobs: 3, added: 1 })
    await verifyBackup(folder)
    const catalogs = (await readdir(folder)).filter((name) => name.startsWith('catalog-'))
    expect(catalogs).to.have.length(1)
    expect(await readdir(path.join(folder, 'blobs', gone.digest.slice(0, 2)))).not.to.include(gone.digest)
  })

  it('copies where it is told, so that rot on one side stays there', async () => {
    await aDataDirectory(1)
    await back({ copy: true })
    const blob = await aFileIn('blobs')
    const original = path.join(dataDir, 'blobs/sha256', path.basename(blob).slice(0, 2), path.basename(blob))
    await chmod(original, 0o644)
    await writeFile(original, 'rot')
    await verifyBackup(folder)
  })

  it('counts as new what was not there before, also where everything is read again', async () => {
    await aDataDirectory(3)
    expect((await back()).added).to.equal(3)
    expect((await back({ verifyAll: true })).added).to.equal(0)
    expect((await back()).added).to.equal(0)
  })

  it('keeps the copy of an archive that the data directory has lost since', async () => {
    await aDataDirectory(2)
    await back({ copy: true })
    const copied = path.basename(await aFileIn('blobs'))
    await rm(path.join(dataDir, 'blobs/sha256', copied.slice(0, 2), copied))
    expect(await back({ copy: true, verifyAll: true })).to.deep.include({ blobs: 2, lost: [] })
    expect((await verifyBackup(folder)).blobs).to.have.length(2)
  })

  it('refuses a folder that holds the backup of another server, and leaves that as it was', async () => {
    await aDataDirectory(1)
    await back()
    const other = `${dataDir}-other`
    const { url, stop } = await serveFolder(other)
    await publishTo(url, anArchive())
    await stop()
    const before = await readdir(folder, { recursive: true })
    const refused = takeBackup({ dataDir: other, folder, copy: false, verifyAll: false, now: Date.now() })
    expect(await rejection(refused)).to.include({ exit: 2 })
    expect((await readdir(folder, { recursive: true })).sort()).to.deep.equal(before.sort())
    await verifyBackup(folder)
  })

  it('refuses the data directory of another server, whose archives it would remove', async () => {
    await aDataDirectory(1)
    const other = `${dataDir}-other`
    const { url, stop } = await serveFolder(other)
    await publishTo(url, anArchive())
    await stop()
    const before = await readdir(path.join(other, 'blobs'), { recursive: true })
    const refused = takeBackup({ dataDir, folder: other, copy: false, verifyAll: false, now: Date.now() })
    expect(await rejection(refused)).to.include({ exit: 2 })
    expect(await readdir(path.join(other, 'blobs'), { recursive: true })).to.deep.equal(before)
  })

  it('leaves files that are not its own in the folder', async () => {
    await aDataDirectory(1)
    await mkdir(folder)
    await writeFile(path.join(folder, 'catalog-of-books.sqlite'), 'mine')
    await back()
    await back()
    expect(await readFile(path.join(folder, 'catalog-of-books.sqlite'), 'utf8')).to.equal('mine')
  })

  it('refuses to put a backup into the data directory, or to take one where there is no catalog', async () => {
    await aDataDirectory(1)
    const inside = takeBackup({
      dataDir,
      folder: path.join(dataDir, 'backup'),
      copy: false,
      verifyAll: false,
      now: 0,
    })
    expect(await rejection(inside)).to.include({ exit: 2 })
    await mkdir(`${dataDir}-empty`)
    const empty = takeBackup({
      dataDir: `${dataDir}-empty`,
      folder,
      copy: false,
      verifyAll: false,
      now: 0,
    })
    expect(await rejection(empty)).to.include({ exit: 2 })
  })

  it('is never taken for whole where it was killed, and leaves the one before whole', async () => {
    await aDataDirectory(6)
    const stages: [what: string, isReached: (names: string[]) => boolean][] = [
      ['it has begun', (names) => names.includes('backup.lock')],
      ['the catalog is copied', (names) => names.some((name) => name.endsWith('.sqlite'))],
      ['an archive is on its way', (names) => names.some((name) => name.startsWith('blobs'))],
      ['half of the archives are there', (names) => names.filter(isDigest).length >= 3],
    ]
    const begin = () => spawnTool('backup', [folder, '--copy'], { DATA_DIR: dataDir })
    for (const [what, isReached] of stages) {
      const start = async () => {
        await rm(folder, { recursive: true, force: true })
        return begin()
      }
      await killOnce(what, start, async () => isReached(await namesIn(folder)))
      const isWhole = (await readdir(folder).catch((): string[] => [])).includes('manifest.json')
      if (isWhole) expect((await verifyBackup(folder)).blobs).to.have.length(6)
      else expect(await rejection(verifyBackup(folder))).to.include({ exit: 4 })
    }
    expect(await back()).to.include({ blobs: 6 })
    const catalogs = async () => (await readdir(folder)).filter((name) => name.startsWith('catalog-'))
    const [complete] = await catalogs()
    const second = () => Promise.resolve(begin())
    await killOnce('a second one copies the catalog', second, async () => {
      return (await catalogs()).some((name) => name !== complete)
    })
    expect((await verifyBackup(folder)).blobs).to.have.length(6)
    expect(await back()).to.include({ blobs: 6 })
    const leftovers = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.partial'))
    expect(leftovers).to.deep.equal([])
  })

  it('works for a server that was killed, and keeps what it had acknowledged', async () => {
    const { url, child } = await spawnServer(dataDir)
    const acknowledged = [await publishTo(url, anArchive()), await publishTo(url, anArchive())]
    child.kill('SIGKILL')
    await once(child, 'exit')
    await back()
    await unlink(path.join(dataDir, 'catalog.sqlite'))
    for (const suffix of ['-wal', '-shm'])
      await rm(path.join(dataDir, `catalog.sqlite${suffix}`), { force: true })
    await restore()
    const restored = await serveFolder(dataDir)
    expect(await releasesOf(restored.url)).to.deep.equal(acknowledged.reverse().map(summary))
  })
})

const isDigest = (name: string): boolean => /^[0-9a-f]{64}$/.test(path.basename(name))

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder, { recursive: true }).catch(() => [])
}

/** A list leaves out the long lists of an archive. */
function summary(release: { archive: object }): object {
  const {
    intents,
    entities,
    slots,
    responses,
    forms,
    actions,
    pipeline,
    policies,
    definitions,
    cut,
    ...archive
  } = release.archive as Record<string, unknown>
  return { ...release, archive }
}
