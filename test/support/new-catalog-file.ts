import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'

/**
 * Makes the file of a new, empty catalog, whose folder must exist. To copy one and to draw its identity anew takes a quarter of the
 * processor time of making its tables, which the tests of migrations and those that start programs do.
 */
export async function newCatalogFile(file: string): Promise<void> {
  await copyFile(await (template ??= makeTemplate()), file)
  const database = new Database(file)
  try {
    database.pragma('synchronous = off')
    database.prepare('update identity set server = ?').run(randomUUID())
  } finally {
    database.close()
  }
}

let template: Promise<string> | undefined

/** Once for each process of tests. */
async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-test-'))
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true })
  })
  const file = path.join(folder, 'catalog.sqlite')
  const catalog = await openSqliteCatalog(file)
  await catalog.close()
  return file
}
