import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { openPostgresCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { publish, rejection } from '../contracts/catalog-support.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('the tables of a catalog in Postgres', () => {
  const postgres = withPostgres()

  it('are those of a catalog in SQLite, column by column, with the same keys and indexes', async () => {
    const database = await postgres.database()
    await openCatalogAt(database)
    const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
    await (await openSqliteCatalog(file)).close()
    expect(await postgresOutline(database)).to.deep.equal(sqliteOutline(file))
  })

  it('hold whole numbers of 64 bits, and texts that sort by their bytes', async () => {
    const database = await postgres.database()
    await openCatalogAt(database)
    const rows = await administer(
      database,
      `select table_name || '.' || column_name as name, data_type as type, collation_name as collation
        from information_schema.columns where table_schema = 'public' and table_name not like 'kysely%'`,
    )
    const wrong = rows.filter(({ type, collation }) =>
      type === 'text' ? collation !== 'C' : !['bigint', 'double precision', 'bytea'].includes(String(type)),
    )
    expect(wrong).to.deep.equal([])
  })

  it('are made by one of several servers that start at once, while the others wait', async () => {
    const database = await postgres.database()
    const catalogs = await Promise.all([1, 2, 3, 4].map(() => openCatalogAt(database)))
    const identities = await Promise.all(catalogs.map((catalog) => catalog.identity()))
    expect(new Set(identities).size).to.equal(1)
    const made = await administer(database, 'select name from kysely_migration')
    expect(made).to.have.length(Object.keys(migrations).length)
  })

  it('stay as they are where the catalog is opened again', async () => {
    const database = await postgres.database()
    const first = await openCatalogAt(database)
    await publish(first, 'shop', 'one')
    await first.close()
    expect(await (await openCatalogAt(database)).findReleaseSummary('shop', 1)).to.include({ number: 1 })
  })

  describe('are refused, and left alone,', () => {
    const refusal = async (database: string) => rejection(openPostgresCatalog(settingsOf(database)))

    it('where a newer Slipway wrote them', async () => {
      const database = await postgres.database()
      await (await openCatalogAt(database)).close()
      await administer(database, `insert into kysely_migration values ('9999-future', '')`)
      const error = await refusal(database)
      expect(error).to.include({ code: 'catalog-unavailable' })
      expect(error.message).to.contain('written by a newer Slipway')
    })

    it('where they are those of another program', async () => {
      const database = await postgres.database()
      await administer(database, 'create table customers (id int)')
      expect((await refusal(database)).message).to.match(/another program \(customers\).*createdb slipway/)
      const tables = await administer(
        database,
        `select tablename from pg_tables where schemaname = 'public' order by 1`,
      )
      expect(tables).to.deep.equal([{ tablename: 'customers' }])
    })

    it('where they are those of another program that is built like this one', async () => {
      const database = await postgres.database()
      await administer(database, 'create table kysely_migration (name text, timestamp text)')
      await administer(database, `insert into kysely_migration values ('2020_create_customers', '')`)
      expect((await refusal(database)).message).to.contain('another program')
    })

    it('where the database takes no writes', async () => {
      const database = await postgres.database()
      await administer(
        database,
        `alter database ${new URL(database).pathname.slice(1)} set default_transaction_read_only = on`,
      )
      expect((await refusal(database)).message).to.contain('read-only')
    })

    it('where the database keeps another alphabet than Unicode', async () => {
      const [name] = ['slipway_latin']
      await administer(
        postgres.url(),
        `create database ${name} encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0`,
      )
      try {
        const url = new URL(postgres.url())
        url.pathname = `/${name}`
        expect((await refusal(url.href)).message).to.contain('--encoding=UTF8')
      } finally {
        await administer(postgres.url(), `drop database ${name}`)
      }
    })
  })

  it('may be in a schema of their own, beside those of other programs', async () => {
    const database = await postgres.database()
    await administer(database, 'create table customers (id int)')
    await administer(database, 'create schema slipway')
    const url = new URL(database)
    url.searchParams.set('options', '-c search_path=slipway')
    await publish(await openCatalogAt(url.href), 'shop', 'one')
    expect(await administer(database, 'select number from slipway.releases')).to.deep.equal([{ number: '1' }])
  })
})

/** Of each table its columns, whether they may be null, and of each index its columns and whether it is unique. */
type Outline = Record<string, string[]>

function sqliteOutline(file: string): Outline {
  const database = new Database(file, { readonly: true })
  const all = (query: string) => database.prepare<[], Record<string, unknown>>(query).all()
  const tables = all(
    `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'`,
  ).map(({ name }) => String(name))
  const outline = tables.map((table) => {
    const columns = all(`pragma table_info(${table})`).map(({ name, notnull, pk }) => {
      return `${String(name)}${notnull === 1 || pk !== 0 ? ' not null' : ''}`
    })
    const indexes = all(`pragma index_list(${table})`).map(({ name, unique }) => {
      const on = all(`pragma index_info(${String(name)})`).map((column) => String(column['name']))
      return `${unique === 1 ? 'unique ' : ''}index on ${on.join(', ')}`
    })
    const rowid = all(`pragma table_info(${table})`).filter(
      ({ pk, type }) => pk === 1 && String(type).toLowerCase() === 'integer',
    )
    const keys = all(`pragma table_info(${table})`).filter(({ pk }) => pk !== 0)
    const hidden =
      rowid.length === 1 && keys.length === 1 ? [`unique index on ${String(rowid[0]?.['name'])}`] : []
    return [table, [...columns, ...indexes, ...hidden].sort()]
  })
  database.close()
  return Object.fromEntries(outline) as Outline
}

async function postgresOutline(database: string): Promise<Outline> {
  const columns = await administer(
    database,
    `select table_name as table, column_name || case is_nullable when 'NO' then ' not null' else '' end as says
      from information_schema.columns where table_schema = 'public' and table_name not like 'kysely%'`,
  )
  const indexes = await administer(
    database,
    `select t.relname as table, case when i.indisunique then 'unique ' else '' end || 'index on ' ||
        (select string_agg(a.attname, ', ' order by k.n) from unnest(i.indkey) with ordinality as k (attnum, n)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum) as says
      from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace s on s.oid = t.relnamespace
      where s.nspname = 'public' and t.relname not like 'kysely%'`,
  )
  const outline: Outline = {}
  for (const { table, says } of [...columns, ...indexes]) (outline[String(table)] ??= []).push(String(says))
  for (const lines of Object.values(outline)) lines.sort()
  return outline
}
