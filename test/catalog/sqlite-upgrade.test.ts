import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { digestOf, publish } from '../contracts/catalog-support.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

// One dump for each migration: a catalog as the program wrote it whose newest migration that was. With a new
// migration comes a new dump; old ones never change.
const DUMPS = path.join(import.meta.dirname, '../fixtures/catalogs')

describe('SqliteCatalog, upgraded', () => {
  it('is tried from every migration there ever was', async () => {
    const dumps = (await readdir(DUMPS)).map((name) => path.basename(name, '.sql'))
    expect(dumps.sort()).to.deep.equal(Object.keys(migrations).sort())
  })

  it('has migrations numbered without a gap', () => {
    const numbers = Object.keys(migrations).map((name) => Number(/^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1]))
    expect(numbers).to.deep.equal(numbers.map((_, index) => index + 1))
  })

  for (const migration of Object.keys(migrations)) {
    it(`from ${migration} keeps all it had`, async () => {
      const file = await restoreDump(migration)
      const catalog = await openSqliteCatalog(file)
      afterThisTest(() => catalog.close())
      const [bank, shop] = await catalog.readCurrent()
      expect(bank).to.include({ model: 'bank', defaultTag: 'latest' })
      expect(shop).to.include({ model: 'shop', defaultTag: 'production' })
      expect(shop?.tags.map(({ tag, release }) => [tag, release.number, release.notes])).to.deep.equal([
        ['latest', 3, 'The three: Grüße'],
        ['production', 1, 'The one: Grüße'],
      ])
      const history = await catalog.tagHistory('shop', 'production', { limit: 10 })
      expect(history.map(({ from, to, reason }) => [from, to, reason])).to.deep.equal([
        [2, 1, 'Too slow'],
        [null, 2, null],
      ])
      expect(await catalog.tagHistory('shop', 'staging', { limit: 10 })).to.have.length(2)
      expect(await catalog.everHadDigest('shop', digestOf('two'))).to.equal(true)
      expect(await catalog.isDigestReleased(digestOf('two'))).to.equal(false)
      expect(await catalog.findIntakeRecord('bad.tar.gz')).to.include({ outcome: 'refused' })
      expect(await publish(catalog, 'shop', 'four')).to.include({ number: 4 })
    })

    it(`from ${migration} has the tables of a new one`, async () => {
      const upgraded = await restoreDump(migration)
      await (await openSqliteCatalog(upgraded)).close()
      const made = path.join(await temporaryDirectory(), 'catalog.sqlite')
      await (await openSqliteCatalog(made)).close()
      expect(schemaOf(upgraded)).to.deep.equal(schemaOf(made))
    })
  }
})

async function restoreDump(migration: string): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
  const database = new Database(file)
  database.exec(await readFile(path.join(DUMPS, `${migration}.sql`), 'utf8'))
  database.close()
  return file
}

function schemaOf(file: string): unknown[] {
  const database = new Database(file, { readonly: true })
  const schema = database.prepare('select type, name, tbl_name, sql from sqlite_master order by name').all()
  database.close()
  return schema
}
