import path from 'node:path'
import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { backUpToStore, storedBlobKey } from '../../server/tools/backup/store-backup.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { openStore } from '../../storage/open-store.ts'
import { anArchive } from '../support/archive-builder.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, serveFolder } from './data-server.ts'

describe('backups in a store that bring the archives along', function () {
  this.timeout(60_000)

  it('keep archives of pruned releases as long as a copy of the catalog names them, and no longer', async () => {
    const dataDir = path.join(await temporaryDirectory(), 'data')
    const target = new MemoryStore()
    const blobs = new ObjectBlobs(
      await openStore({ kind: 'filesystem', root: path.join(dataDir, 'blobs') }),
      () => Promise.resolve(undefined),
    )
    let now = Date.parse('2026-11-26T10:00:00Z')
    const back = async (): Promise<void> => {
      now += 60_000
      await backUpToStore({
        ...{
          catalogFile: path.join(dataDir, 'catalog.sqlite'),
          scratch: dataDir,
          target,
          prefix: 'b/',
          blobs,
        },
        ...{ copyBlobs: true, keptCopies: 3, now },
      })
    }
    const isKept = async (digest: string): Promise<boolean> =>
      (await target.stat(storedBlobKey('b/', digest))) !== undefined

    const { url } = await serveFolder(dataDir)
    for (let number = 1; number <= 3; number++) await publishTo(url, anArchive(), 'shop')
    const [third, , first] = (await releasesOf(url)).map(({ digest }) => digest)
    await back()
    const pruned = await fetch(`${url}/api/v1/models/shop/prune`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ keepReleases: 1, keepHistory: 1 }),
    })
    expect(pruned.status).to.equal(200)
    // The copy of the catalog from before the pruning is one of three for two backups more.
    for (let backups = 1; backups <= 2; backups++) {
      await back()
      expect(await isKept(first!)).to.equal(true)
    }
    await back()
    expect([await isKept(first!), await isKept(third!)]).to.deep.equal([false, true])
  })
})
