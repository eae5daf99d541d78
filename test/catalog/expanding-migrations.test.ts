import { readFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const DUMPS = path.join(import.meta.dirname, '../fixtures/catalogs')

interface Column {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly dflt_value: string | null
}

// Servers of the version before go on over the same database while one of the next version has upgraded it (docs/scaling.md).
describe('the last migration', () => {
  it('only adds: whoever knows the tables before it still reads all of them, and writes rows without what is new', async () => {
    const before = Object.keys(migrations).at(-2) ?? ''
    const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
    const old = new Database(file)
    old.exec(await readFile(path.join(DUMPS, `${before}.sql`), 'utf8'))
    const known = tablesOf(old)
    old.close()
    expect(known.size).to.be.greaterThan(10)
    await (await openSqliteCatalog(file)).close()
    const upgraded = new Database(file, { readonly: true })
    const now = tablesOf(upgraded)
    upgraded.close()
    const broken: string[] = []
    for (const [table, columns] of known) {
      const others = now.get(table) ?? []
      for (const { name, type } of columns) {
        const kept = others.find((column) => column.name === name)
        if (kept?.type !== type) broken.push(`${table}.${name} is gone, or of another type`)
      }
      for (const { name, notnull, dflt_value: standard } of others) {
        const isNew = columns.every((column) => column.name !== name)
        if (isNew && notnull === 1 && standard === null)
          broken.push(`${table}.${name} is needed by each new row`)
      }
    }
    expect(broken).to.deep.equal([])
  })
})

function tablesOf(database: Database.Database): Map<string, Column[]> {
  const names = database
    .prepare<[], { name: string }>(
      `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'`,
    )
    .all()
  return new Map(
    names.map(({ name }) => [name, database.prepare<[], Column>(`pragma table_info(${name})`).all()]),
  )
}
