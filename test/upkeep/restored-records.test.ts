import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { SoleHousekeeper } from '../../server/coordination/housekeeping.ts'
import { RecordWriter } from '../../server/exporting/records/record-writer.ts'
import { restoreBackup } from '../../server/tools/restore/restore-backup.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { aHookedStore } from '../exporting/hooked-store.ts'
import { aTerm } from '../support/a-term.ts'
import { aClock } from '../support/manual-clock.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { aBackupPlace } from './a-backup-place.ts'

const NOW = Date.parse('2026-11-27T00:00:00.000Z')

describe('a restore, where a bucket', function () {
  this.timeout(60_000)

  it('is another one than before, has its records and a backup be due there', async () => {
    const { dataDir, aDataDirectory, back, restore } = await aBackupPlace()
    await aDataDirectory()
    const before = await openSqliteCatalog(path.join(dataDir, 'catalog.sqlite'))
    const { revision } = (await before.findModel('shop'))!
    const instant = new Date(NOW).toISOString()
    const done = { begunAt: instant, completedAt: instant }
    await before.writeShared(async (writer) => {
      await writer.saveTaskProgress('records:shop', { position: String(revision), ...done })
      await writer.saveTaskProgress('backup', { position: '', ...done })
    })
    await before.close()
    await back()
    await restore({ dataDir: `${dataDir}-restored` })

    const catalog = await openSqliteCatalog(path.join(`${dataDir}-restored`, 'catalog.sqlite'))
    const store = aHookedStore()
    const onFailure = (error: unknown) => {
      throw error
    }
    const housekeeping = new SoleHousekeeper()
    const writer = new RecordWriter({ store, catalog, clock: aClock(NOW), housekeeping, onFailure })
    await writer.writeDue(aTerm())
    expect(await store.stat('records/shop/tags.json')).to.not.equal(undefined)
    expect((await catalog.findTaskProgress('backup'))?.completedAt ?? null).to.equal(null)
    await catalog.close()
  })

  it('holds neither a backup nor records, is refused, and makes no catalog', async () => {
    const at = await temporaryDirectory()
    const dataDir = path.join(at, 'data')
    const storage = { kind: 'bucket' as const, store: new FilesystemStore(path.join(at, 'bucket')) }
    const refused = await rejection(restoreBackup({ dataDir, storage, replace: false, now: NOW }))
    expect(refused).to.include({ name: 'ToolFailure', exit: 4 })
    expect((refused as Error).message).to.contain('neither a backup nor records')
    expect((await readdir(dataDir)).filter((name) => name.startsWith('catalog'))).to.deep.equal([])
  })
})
