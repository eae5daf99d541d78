import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import { expect } from 'chai'
import { ObjectBlobs } from '../../server/blobs/object-blobs.ts'
import { BackupUnderWay, keepBlobs } from '../../server/catalog/postgres/keep-blobs.ts'
import { Connections } from '../../server/catalog/postgres/connections.ts'
import { continueNumbering } from '../../server/catalog/postgres/numbering.ts'
import { findConnector } from '../../server/catalog/postgres/open-pool.ts'
import { STANDARD_LIMITS } from '../../server/catalog/postgres/postgres-settings.ts'
import { migrateCatalog } from '../../server/catalog/sql/migrate-catalog.ts'
import { copyTables } from '../../server/catalog/sql/copy-catalog.ts'
import { openPostgresTables } from '../../server/catalog/postgres/open-postgres-tables.ts'
import { openSqliteTables } from '../../server/catalog/sqlite/open-sqlite-tables.ts'
import { copyDatabase } from '../../server/tools/backup/copy-database.ts'
import { snapshotCatalog } from '../../server/tools/backup/snapshot-catalog.ts'
import { takeBackup } from '../../server/tools/backup/take-backup.ts'
import { databaseFailure } from '../../server/tools/database-failure.ts'
import { restoreBackup, type RestoreReport } from '../../server/tools/restore/restore-backup.ts'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { aRelease, rejection } from '../contracts/catalog-support.ts'
import { aFullDataDirectory, contentsOf } from '../support/a-full-catalog.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const NOW = Date.parse('2026-11-26T12:00:00Z')

describe('a backup of a catalog in Postgres', function () {
  this.timeout(180_000)
  const postgres = withPostgres()
  let archives: string
  let bucket: FilesystemStore
  let blobs: ObjectBlobs

  beforeEach(async () => {
    archives = await temporaryDirectory()
    bucket = new FilesystemStore(archives)
    blobs = new ObjectBlobs(bucket, () => Promise.resolve(undefined))
  })

  const self = { holder: 'a-test', place: 'a-test', host: 'a test' }

  /** A database with all that the newest dump has, and the archives of its releases in the bucket. */
  async function aFullDatabase(): Promise<{ database: string; file: string }> {
    const file = path.join(await aFullDataDirectory(), 'catalog.sqlite')
    const database = await postgres.database()
    const source = await openSqliteTables(file)
    const target = await openPostgresTables(settingsOf(database), self)
    await copyTables(source, target)
    await target.close()
    const releases = await source.db.selectFrom('releases').select(['digest', 'size']).execute()
    await source.close()
    for (const { digest, size } of releases) {
      const folder = path.join(archives, 'sha256', digest.slice(0, 2))
      await mkdir(folder, { recursive: true })
      await writeFile(path.join(folder, digest), new Uint8Array(size))
    }
    return { database, file }
  }

  const backUp = async (database: string, folder: string, signal = new AbortController().signal) =>
    takeBackup({
      signal,
      dataDir: path.join(folder, 'nowhere'),
      folder,
      copy: false,
      verifyAll: false,
      now: NOW,
      catalog: { database: settingsOf(database) },
      archives: { kind: 'bucket', blobs, bring: false },
    })

  const restore = async (
    folder: string,
    to: { dataDir: string; database?: string },
    replace = false,
  ): Promise<RestoreReport> =>
    restoreBackup({
      folder,
      dataDir: to.dataDir,
      replace,
      now: NOW,
      storage: { kind: 'bucket', store: bucket },
      ...(to.database === undefined ? {} : { database: settingsOf(to.database) }),
    })

  async function contentsOfDatabase(database: string): Promise<Record<string, string[]>> {
    const file = path.join(await temporaryDirectory(), 'copy.sqlite')
    await copyDatabase(settingsOf(database), file)
    return contentsOf(file)
  }

  /** What a restore changes: numbers go on later, archives are looked at anew, records and a backup are due, and the audit tells of it. */
  const CHANGED = ['models', 'numbering', 'damaged_blobs', 'audit', 'audit_head', 'sqlite_sequence']
  const unchanged = (contents: Record<string, string[]>) =>
    Object.fromEntries(
      Object.entries(contents)
        .filter(([table]) => !CHANGED.includes(table))
        .map(([table, rows]) => [table, rows.filter((row) => !/^\{"task":"(records:|backup")/.test(row))]),
    )

  it('holds each row, changes nothing, and is the same as one of a catalog in a file', async () => {
    const { database, file } = await aFullDatabase()
    const folder = await temporaryDirectory()
    const report = await backUp(database, folder)
    expect(report).to.deep.include({ blobs: 2, lost: [] })
    const copy = (await readdir(folder)).find((name) => name.endsWith('.sqlite'))!
    expect(contentsOf(path.join(folder, copy))).to.deep.equal(contentsOf(file))
    expect(await contentsOfDatabase(database)).to.deep.equal(contentsOf(file))
  })

  it('is restored into a file, and a backup of that into a database again, with a gap in the numbers', async () => {
    const { database } = await aFullDatabase()
    const [first, second] = [await temporaryDirectory(), await temporaryDirectory()]
    await backUp(database, first)
    const dataDir = await temporaryDirectory()
    const report = await restore(first, { dataDir })
    expect(report).to.deep.include({ blobs: 2, lost: [] })
    const restored = contentsOf(path.join(dataDir, 'catalog.sqlite'))
    expect(unchanged(restored)).to.deep.equal(unchanged(await contentsOfDatabase(database)))

    await takeBackup({
      dataDir,
      folder: second,
      copy: false,
      verifyAll: false,
      now: NOW,
      archives: { kind: 'bucket', blobs, bring: false },
    })
    const other = await postgres.database()
    const back = await restore(second, { dataDir: await temporaryDirectory(), database: other })
    const shop = back.numbers.find(({ model }) => model === 'shop')!
    expect(shop.to).to.be.above(report.numbers.find(({ model }) => model === 'shop')!.to)
    expect(unchanged(await contentsOfDatabase(other))).to.deep.equal(unchanged(restored))
    const catalog = await openCatalogAt(other)
    const release = await catalog.write('shop', (writer) => writer.insertRelease(aRelease('shop', 'next')))
    expect(release.number).to.equal(shop.to)
  })

  it('of tables that a newer version will bring up to date holds them as they were', async () => {
    const file = path.join(await temporaryDirectory(), 'catalog.sqlite')
    const upTo = '0016-fleet-revisions'
    const source = await openSqliteTables(file, upTo)
    await sql`insert into models (model, default_tag, next_number, revision, created_at) values ('shop', 'latest', 7, 1, 'x')`.execute(
      source.db,
    )
    const database = await postgres.database()
    const settings = settingsOf(database)
    const connections = new Connections(await findConnector(settings, STANDARD_LIMITS), STANDARD_LIMITS)
    const db = connections.open(1)
    await db.transaction().execute((transaction) => migrateCatalog(transaction, { schema: 'public', upTo }))
    await copyTables(source, { db, continueNumbering })
    await Promise.all([source.close(), connections.close()])
    expect(await contentsOfDatabase(database)).to.deep.equal(contentsOf(file))
  })

  describe('restored into a database', () => {
    let folder: string
    let database: string

    beforeEach(async () => {
      ;({ database } = await aFullDatabase())
      folder = await temporaryDirectory()
      await backUp(database, folder)
    })

    it('takes no place without --replace, and with it what was there is kept in a file', async () => {
      const before = await contentsOfDatabase(database)
      const dataDir = await temporaryDirectory()
      const refusal = await rejection(restore(folder, { dataDir, database }))
      expect(refusal).to.include({ name: 'ToolFailure', exit: 2 })
      expect(await contentsOfDatabase(database)).to.deep.equal(before)
      const { setAside } = await restore(folder, { dataDir, database }, true)
      expect(contentsOf(setAside!)).to.deep.equal(before)
      expect((await readdir(dataDir)).sort()).to.deep.equal([path.basename(setAside!), 'server.lock'])
    })

    it('keeps tokens revoked that were revoked since, as the catalog there knows', async () => {
      await administer(database, `update tokens set revoked_at = 5 where revoked_at is null`)
      await administer(database, `update token_changes set revision = revision + 1`)
      const { tokens } = await restore(folder, { dataDir: await temporaryDirectory(), database }, true)
      expect(tokens).to.deep.include({ revoked: ['ci'], unsure: [] })
      const good = await administer(
        database,
        'select name from tokens where revoked_at is null and expires_at is null',
      )
      expect(good).to.deep.equal([])
    })

    it('is refused while a server runs over it, and nothing is changed', async () => {
      const before = await contentsOfDatabase(database)
      const storage = { name: 'a bucket', isShared: true }
      const server = { id: 'one', place: 'there', host: 'pod-1', version: '1', storage }
      await openCatalogAt(database, { server, timings: { alive: 15_000, heartbeat: 200 } })
      const refusal = await rejection(
        restore(folder, { dataDir: await temporaryDirectory(), database }, true),
      )
      expect(refusal).to.include({ name: 'ToolFailure', exit: 5 })
      expect(refusal.message).to.contain('pod-1')
      expect(await contentsOfDatabase(database)).to.deep.equal(before)
    })

    it('changes nothing where a server may have begun meanwhile, as the restore slept', async () => {
      const { database } = await aFullDatabase()
      const before = await contentsOfDatabase(database)
      const file = path.join(await aFullDataDirectory(), 'catalog.sqlite')
      const source = await openSqliteTables(file)
      const target = await openPostgresTables(settingsOf(database), self)
      try {
        await administer(database, `update leases set until = 0 where name = 'server'`)
        const late = await rejection(copyTables(source, target))
        expect(late.message).to.contain('a server may have begun to run over this database')
      } finally {
        await target.close()
        await source.close()
      }
      expect(await contentsOfDatabase(database)).to.deep.equal(before)
    })

    it('changes nothing where the database ends it in the middle', async () => {
      const before = await contentsOfDatabase(database)
      await administer(
        database,
        `create function refuse() returns trigger language plpgsql as $$ begin
          perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
        create trigger refuse before insert on audit for each row execute function refuse()`,
      )
      const dataDir = await temporaryDirectory()
      expect(await rejection(restore(folder, { dataDir, database }, true))).to.include({ exit: 5 })
      await administer(database, 'drop trigger refuse on audit')
      expect(await contentsOfDatabase(database)).to.deep.equal(before)
      await restore(folder, { dataDir, database }, true)
      expect(existsSync(path.join(dataDir, 'catalog-database.sqlite.restoring'))).to.equal(false)
    })
  })

  it('is left to the newer version, once that has changed the tables', async () => {
    const { database } = await aFullDatabase()
    const now = new Date(NOW).toISOString()
    await administer(
      database,
      `insert into kysely_migration (name, timestamp) values ('9999-later', '${now}')`,
    )
    const folder = await temporaryDirectory()
    const failure = await rejection(snapshotCatalog({ database: settingsOf(database) }, folder, 'a.sqlite'))
    expect(failure).to.include({ name: 'ToolFailure', exit: 5, reason: 'newer-catalog' })
    expect(failure.message).to.contain('written by a newer Slipway')
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('that was changed afterwards is refused, and the database stays as it is', async () => {
    const { database } = await aFullDatabase()
    const folder = await temporaryDirectory()
    await backUp(database, folder)
    const copy = (await readdir(folder)).find((name) => name.endsWith('.sqlite'))!
    const forged = new Database(path.join(folder, copy))
    forged.exec(`update tokens set revoked_at = null`)
    forged.close()
    const other = await postgres.database()
    const refusal = await rejection(restore(folder, { dataDir: await temporaryDirectory(), database: other }))
    expect(refusal).to.include({ name: 'ToolFailure', exit: 4 })
    expect(await administer(other, 'select model from models')).to.deep.equal([])
  })

  it('keeps servers from deleting archives while it is taken, and another backup from beginning', async () => {
    const { database } = await aFullDatabase()
    const catalog = await openCatalogAt(database)
    const unused = 'f'.repeat(64)
    const later = '2026-12-01T00:00:00.000Z'
    await catalog.writeShared((writer) => writer.noteUnusedBlobs([unused], new Date(NOW).toISOString()))
    const retire = () => catalog.writeShared((writer) => writer.retireBlob(unused, later))
    await keepBlobs(settingsOf(database), self, async () => {
      expect(await retire()).to.equal('busy')
      const second = { ...self, holder: 'second', place: '' }
      const timings = { duration: 20_000, renewal: 5_000, wait: 0 }
      const refusal = await rejection(
        keepBlobs(settingsOf(database), second, () => Promise.resolve(), timings),
      )
      expect(refusal).to.be.instanceOf(BackupUnderWay)
      expect(refusal.message).to.contain('a test')
      const stopped = { signal: AbortSignal.abort() }
      const given = keepBlobs(settingsOf(database), second, () => Promise.resolve(), stopped)
      expect(await rejection(given)).to.include({ name: 'AbortError' })
    })
    expect(await retire()).to.deep.equal({ digest: unused, generation: 0 })
  })

  it('ends where archives may be deleted meanwhile, as the database did not answer', async () => {
    const { database } = await aFullDatabase()
    const settings = settingsOf(database)
    const timings = { duration: 20_000, renewal: 50 }
    const work = async (signal: AbortSignal) => {
      await administer(
        database,
        `update leases set holder = 'another', epoch = epoch + 1 where name = 'backup'`,
      )
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    const failure = await rejection(keepBlobs(settings, self, work, timings))
    expect(databaseFailure(settings, failure)).to.include({ name: 'ToolFailure', exit: 5 })
    expect(failure.message).to.contain('take the backup again')
  })

  it('that ended as its time had run out keeps no other one waiting', async () => {
    const { database } = await aFullDatabase()
    const settings = settingsOf(database)
    const timings = { duration: 20_000, renewal: 50, wait: 0 }
    const work = async (signal: AbortSignal) => {
      await administer(database, `update leases set until = 0 where name = 'backup'`)
      await once(signal, 'abort')
      signal.throwIfAborted()
    }
    await rejection(keepBlobs(settings, self, work, timings))
    const second = { ...self, holder: 'second', place: '' }
    expect(await keepBlobs(settings, second, () => Promise.resolve('taken'), timings)).to.equal('taken')
  })

  it('that fails midway leaves no copy of the catalog in the folder', async () => {
    const { database } = await aFullDatabase()
    const folder = await temporaryDirectory()
    const stopped = backUp(database, folder, AbortSignal.abort(new Error('it stops')))
    expect((await rejection(stopped)).message).to.equal('it stops')
    expect(await readdir(folder)).to.deep.equal(['backup.lock'])
  })

  it("is none where the database holds no catalog, or another program's", async () => {
    const empty = await postgres.database()
    const folder = await temporaryDirectory()
    expect((await rejection(backUp(empty, folder))).message).to.contain('no catalog')
    await administer(empty, 'create table customers (id int)')
    const refusal = await rejection(backUp(empty, folder))
    expect(refusal).to.include({ name: 'ToolFailure', exit: 5 })
    expect(refusal.message).to.contain('another program')
    expect((await readdir(folder)).filter((name) => name !== 'backup.lock')).to.deep.equal([])
  })
})
