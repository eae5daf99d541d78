import { open as openFile, readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openSqliteCatalog, type SqliteCatalogOptions } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { CREATED, MOVED, publish, rejection } from '../contracts/catalog-support.ts'
import { describeEveryPromise } from '../contracts/every-catalog.ts'
import { aCatalog } from '../support/a-catalog.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

describeEveryPromise('SqliteCatalog', aCatalog)

describe('SqliteCatalog', () => {
  let file: string

  beforeEach(async () => {
    file = path.join(await temporaryDirectory(), 'catalog.sqlite')
  })

  const open = async (options?: SqliteCatalogOptions): Promise<Catalog> => {
    const catalog = await openSqliteCatalog(file, options)
    afterThisTest(() => catalog.close())
    return catalog
  }

  it('has an identity that no other has', async () => {
    const other = await openSqliteCatalog(path.join(await temporaryDirectory(), 'catalog.sqlite'))
    afterThisTest(() => other.close())
    expect(await other.identity()).not.to.equal(await (await open()).identity())
  })

  it('keeps a limited number of events, whoever makes them come', async () => {
    const catalog = await open()
    const event = { at: 1, kind: 'first-seen', model: 'shop', tag: null, bot: 'b', process: 'p', body: {} }
    const add = () => catalog.writeShared((writer) => writer.addEvents([event]))
    await add()
    await add()
    // As if a million had come since.
    const beside = new Database(file)
    beside.prepare(`update sqlite_sequence set seq = 1000001 where name = 'events'`).run()
    beside.close()
    await add()
    const kept = (await catalog.listEventsAfter(0, 9)).map(({ sequence }) => sequence)
    expect(kept).to.deep.equal([1_000_002])
    await add()
    expect(await catalog.listEventsAfter(0, 9)).to.have.length(2)
  })

  describe('opened again', () => {
    it('knows what it knew, and goes on with the numbers', async () => {
      const first = await open()
      await publish(first, 'shop', 'one')
      await publish(first, 'shop', 'two')
      await first.write('shop', async (writer) => {
        await writer.moveTag('shop', 'production', 1, MOVED)
        await writer.deleteRelease('shop', 2)
      })
      const before = await first.readCurrent()
      await first.close()
      const again = await open()
      expect(await again.readCurrent()).to.deep.equal(before)
      expect(await publish(again, 'shop', 'three')).to.include({ number: 3 })
    })

    // The file opens with synchronous=1 by itself, and a write under anything but FULL rejects.
    it('still syncs every write', async () => {
      await (await open()).close()
      expect(await publish(await open(), 'shop', 'one')).to.include({ number: 1 })
    })

    it('leaves no write-ahead log behind when it closes', async () => {
      const catalog = await open()
      await publish(catalog, 'shop', 'one')
      await catalog.close()
      expect(await rejection(readFile(`${file}-wal`))).to.include({ code: 'ENOENT' })
    })
  })

  describe('beside another program', () => {
    let other: Database.Database

    beforeEach(async () => {
      await (await open()).close()
      other = new Database(file)
      afterThisTest(() => other.close())
    })

    it('waits for its write to end', async () => {
      const catalog = await open({ busyTimeoutMs: 5_000 })
      const impatient = await open({ busyTimeoutMs: 0 })
      other.exec('begin immediate')
      const publishing = publish(catalog, 'shop', 'one')
      // Began later, and found the file busy: so did the one before it.
      expect(await rejection(publish(impatient, 'shop', 'two'))).to.include({ code: 'catalog-busy' })
      other.exec('commit')
      expect(await publishing).to.include({ number: 1 })
    })

    it('gives up with a name after the time-out, changes nothing, and works later', async () => {
      const catalog = await open({ busyTimeoutMs: 100 })
      other.exec('begin immediate')
      expect(await rejection(publish(catalog, 'shop', 'one'))).to.include({ code: 'catalog-busy' })
      other.exec('rollback')
      expect(await publish(catalog, 'shop', 'one')).to.include({ number: 1 })
    })

    it('does not hold up anything else while it waits', async () => {
      const catalog = await open({ busyTimeoutMs: 1_000 })
      other.exec('begin immediate')
      let longest = 0
      let last = performance.now()
      const ticking = setInterval(() => {
        longest = Math.max(longest, performance.now() - last)
        last = performance.now()
      }, 5)
      await rejection(publish(catalog, 'shop', 'one'))
      clearInterval(ticking)
      expect(longest).to.be.greaterThan(0).and.lessThan(500)
    })

    it('can be read while that one writes', async () => {
      const catalog = await open({ busyTimeoutMs: 0 })
      await publish(catalog, 'shop', 'one')
      other.exec('begin immediate; update models set revision = 99')
      expect(await catalog.findModel('shop')).to.include({ revision: 2 })
      other.exec('rollback')
    })

    it('keeps it from writing between its own read and write', async () => {
      const catalog = await open({ busyTimeoutMs: 100 })
      await publish(catalog, 'shop', 'one')
      await catalog.write('shop', async (writer) => {
        await writer.findRelease('shop', 1)
        other.pragma('busy_timeout = 0')
        expect(() => other.exec('begin immediate')).to.throw('locked')
        await writer.updateNotes('shop', 1, 'mine')
      })
      expect(await catalog.findRelease('shop', 1)).to.include({ notes: 'mine' })
    })
  })

  describe('with a file that cannot be used', () => {
    it('says so where the file is something else', async () => {
      await writeFile(file, 'This is no database. '.repeat(1000))
      const refusal = await rejection(open())
      expect(refusal).to.include({ code: 'catalog-unavailable' })
      expect(refusal.message).to.contain(file).and.contain('not a database')
    })

    it('says so where pages were overwritten', async () => {
      const catalog = await open()
      for (let index = 0; index < 50; index++) await publish(catalog, 'shop', String(index))
      await catalog.close()
      const bytes = await readFile(file)
      await writeFile(file, bytes.fill(0x5a, 4096 * 2))
      const refusal = await rejection(open().then((damaged) => damaged.listReleases('shop', { limit: 100 })))
      expect(refusal).to.include({ code: 'catalog-unavailable' })
    })

    it('says so where it was cut short', async () => {
      const catalog = await open()
      for (let index = 0; index < 50; index++) await publish(catalog, 'shop', String(index))
      await catalog.close()
      await truncate(file, 4096 * 3)
      const refusal = await rejection(open().then((damaged) => damaged.listReleases('shop', { limit: 100 })))
      expect(refusal).to.include({ code: 'catalog-unavailable' })
    })

    it('takes no more writes where damage is found while it is open, and says so once', async () => {
      const catalog = await open()
      const notes = 'x'.repeat(3000)
      for (let index = 0; index < 50; index++) {
        await publish(catalog, 'shop', String(index))
        await catalog.write('shop', (writer) => writer.updateNotes('shop', index + 1, notes))
      }
      await catalog.close()
      const refusals: unknown[] = []
      const damaged = await open({ onWritable: (refusal) => refusals.push(refusal?.code) })
      const handle = await openFile(file, 'r+')
      const { size } = await handle.stat()
      await handle.write(Buffer.alloc(size - 4096 * 8, 0x5a), 0, size - 4096 * 8, 4096 * 8)
      await handle.close()
      await rejection(damaged.listReleases('shop', { limit: 100 }))
      expect(await rejection(publish(damaged, 'bank', 'one'))).to.include({ code: 'catalog-unavailable' })
      expect(refusals).to.deep.equal(['catalog-unavailable'])
    })

    it('says so where its folder is missing', async () => {
      file = path.join(file, 'nowhere', 'catalog.sqlite')
      const refusal = await rejection(open())
      expect(refusal.message).to.contain('does not exist')
    })
  })

  it('refuses a file that a newer program wrote, and leaves it as it is', async () => {
    await (await open()).close()
    const database = new Database(file)
    database.exec(`insert into kysely_migration values ('9999-from-the-future', '${CREATED}')`)
    database.close()
    const before = await readFile(file)
    const refusal = await rejection(open())
    expect(refusal).to.include({ code: 'catalog-unavailable' })
    expect(refusal.message).to.contain('newer Slipway').and.contain('9999-from-the-future')
    expect((await readFile(file)).equals(before)).to.equal(true)
  })
})
