import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { temporaryDirectory } from './temporary-directory.ts'

const DUMPS = path.join(import.meta.dirname, '../fixtures/catalogs')

/** A data directory whose catalog has something in nearly every table. */
export async function aFullDataDirectory(): Promise<string> {
  const folder = await temporaryDirectory()
  const [newest = ''] = (await readdir(DUMPS)).sort().reverse()
  const database = new Database(path.join(folder, 'catalog.sqlite'))
  database.exec(await readFile(path.join(DUMPS, newest), 'utf8'))
  database.exec(
    `insert into events (sequence, at, kind, body) values (41, 1, 'runs', '{"a":"\\u0000"}'), (42, 2, 'lost', '{}')`,
  )
  database.exec(`delete from events where sequence = 42`)
  database.exec(
    `insert into rollouts (model, tag, started_at, ended_at, body) values ('shop', 'production', 1, 2, '{}')`,
  )
  database.close()
  return folder
}

/** All rows of a catalog by table, but for what belongs to the servers of a database. */
export function contentsOf(file: string): Record<string, string[]> {
  const database = new Database(file, { readonly: true })
  const all = (query: string) => database.prepare<[], { name: string }>(query).all()
  const names = all(
    `select name from sqlite_master where type = 'table' and name not like 'kysely%'
      and name not in ('commits', 'leases', 'servers')`,
  )
  const contents = names.map(({ name }) => {
    const rows = all(`select * from ${name}`).map((row) => JSON.stringify(row))
    return [name, rows.sort()] as const
  })
  database.close()
  return Object.fromEntries(contents)
}
