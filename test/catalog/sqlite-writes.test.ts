import path from 'node:path'
import Database from 'better-sqlite3'
import { Kysely } from 'kysely'
import { expect } from 'chai'
import type { CatalogTables } from '../../server/catalog/sql/catalog-tables.ts'
import { openSqliteCatalog } from '../../server/catalog/sqlite/sqlite-catalog.ts'
import { CatalogPlace } from '../../server/catalog/sqlite/catalog-place.ts'
import { SqliteWrites } from '../../server/catalog/sqlite/sqlite-writes.ts'
import { waitingSqliteDialect } from '../../server/catalog/sqlite/waiting-sqlite-dialect.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

/** A place that somebody is told of each time that it is looked at. */
class WatchedPlace extends CatalogPlace {
  /** Not yet set while it is made, which looks too. */
  onLook: (() => void) | undefined

  override require(): void {
    super.require()
    this.onLook?.()
  }
}

describe('SqliteWrites', () => {
  it('takes no writes where damage was found while it tried the disk again', async () => {
    const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
    await (await openSqliteCatalog(file)).close()
    const connection = new Database(file)
    connection.pragma('synchronous = full')
    afterThisTest(() => connection.close())
    const dialect = waitingSqliteDialect(connection, 0, () => undefined)
    const place = new WatchedPlace(file)
    const said: (string | undefined)[] = []
    const writes = new SqliteWrites(new Kysely<CatalogTables>({ dialect }), connection, place, {
      probe: { firstMs: 1, longestMs: 1 },
      onWritable: (refusal) => said.push(refusal?.message),
    })
    let looks = 0
    place.onLook = () => {
      looks++
      // A read beside it comes upon a page that is damaged.
      if (looks === 2) writes.noticeFailure(new Database.SqliteError('malformed', 'SQLITE_CORRUPT'))
    }
    await rejection(writes.run(() => Promise.reject(new Database.SqliteError('no', 'SQLITE_IOERR_FSYNC'))))
    await eventually('the disk was tried again', () => looks >= 2)
    const refusal = await rejection(writes.run(() => Promise.resolve()))
    expect(refusal.message).to.include('damaged')
    expect(said.at(-1)).to.include('damaged')
  })
})
