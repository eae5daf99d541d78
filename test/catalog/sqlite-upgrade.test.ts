import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { aRelease, digestOf, publish } from '../contracts/catalog-support.ts'
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
      expect(shop?.tags.map(({ tag, release }) => [tag, release.number, release.filename])).to.deep.equal([
        ['latest', 3, 'shop.tar.gz'],
        ['production', 1, 'shop.tar.gz'],
      ])
      const { notes, archive } = (await catalog.findRelease('shop', 1))!
      expect(notes).to.equal('The one: Grüße')
      expect(archive).to.deep.equal(aRelease('shop', 'one').archive)
      const history = await catalog.tagHistory('shop', 'production', { limit: 10 })
      expect(history.map(({ from, to, reason }) => [from, to, reason])).to.deep.equal([
        [2, 1, 'Too slow'],
        [null, 2, null],
      ])
      expect(await catalog.tagHistory('shop', 'staging', { limit: 10 })).to.have.length(2)
      expect(await catalog.everHadDigest('shop', digestOf('two'))).to.equal(true)
      expect(await catalog.isDigestReleased(digestOf('two'))).to.equal(false)
      expect(await catalog.findIntakeRecord('bad.tar.gz')).to.include({ outcome: 'refused' })
      expect([...(await catalog.listLastSeen('2026-01-01T00:00:00.000Z'))]).to.deep.equal(
        migration < '0002' ? [] : [[digestOf('one'), '2026-01-03T00:00:00.000Z']],
      )
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

describe('a catalog whose archives have 7 MB of names each', () => {
  it('is upgraded and opened in little memory, however many tags point at them', async () => {
    const file = await restoreDump('0004-identity')
    const database = new Database(file)
    const archive = JSON.stringify(factsOfNames())
    expect(archive.length).to.be.above(7_000_000)
    database.transaction(() => {
      for (let model = 0; model < 7; model++) addTagged(database, `m${model}`, archive)
    })()
    database.close()
    const program = path.join(import.meta.dirname, 'reading-program.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=96', program, file])
    const { models, tags, cut, listed } = JSON.parse(stdout)
    expect({ models, tags }).to.deep.equal({ models: 9, tags: 702 })
    expect(cut).to.include({ intents: 1000, actions: 1000 })
    expect(listed.length).to.be.above(10)
  })
})

/** What inspection learned of an archive that was made to be large: six lists of a thousand names. */
function factsOfNames(): object {
  const names = Array.from({ length: 1000 }, (_, index) => `${index}${'\u0001'.repeat(195)}`)
  const lists = ['intents', 'entities', 'slots', 'responses', 'forms', 'actions'].map((list) => [list, names])
  return { format: 3, unpackedSize: 1, members: 1, warnings: [], ...(Object.fromEntries(lists) as object) }
}

function addTagged(database: Database.Database, model: string, archive: string): void {
  database.prepare('insert into models values (?, ?, ?, 2, 2)').run(model, 'latest', '2026-01-01')
  database
    .prepare('insert into releases values (?, 1, ?, 1, ?, ?, ?, ?, ?)')
    .run(model, digestOf(model), 'a.tar.gz', '2026-01-01', 'me', '', archive)
  const move = database.prepare('insert into tag_moves values (null, ?, ?, null, 1, ?, ?, null)')
  const tag = database.prepare('insert into tags values (?, ?, 1, ?)')
  for (let index = 0; index < 100; index++) {
    const { lastInsertRowid } = move.run(model, `t${index}`, '2026-01-01', 'me')
    tag.run(model, `t${index}`, lastInsertRowid)
  }
}

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
