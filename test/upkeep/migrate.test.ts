import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { aRelease, digestOf } from '../contracts/catalog-support.ts'
import { aFullDataDirectory, contentsOf } from '../support/a-full-catalog.ts'
import { openCatalogAt, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { startFailure, startServer } from '../support/start-server.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { programPath } from '../support/program-path.ts'
import { serveFolder } from './data-server.ts'

const TOOL = programPath('server/tools/migrate.ts')

describe('slipway migrate', function () {
  this.timeout(180_000)
  const postgres = withPostgres()

  const migrate = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { env: { ...programEnvironment(), ...env } }
      execFile(process.execPath, [TOOL, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
      })
    })

  it('moves all there is into a database and back, and leaves nothing that a server would start on', async () => {
    const folder = await aFullDataDirectory()
    const before = contentsOf(path.join(folder, 'catalog.sqlite'))
    // What a move left that was killed.
    await mkdir(path.join(folder, 'migrate-abcdef'))
    const database = await postgres.database()
    const there = await migrate(['--from', 'DATA_DIR', '--to', 'DATABASE_URL', '--json'], {
      DATA_DIR: folder,
      DATABASE_URL: database,
    })
    expect(there.stderr).to.equal('')
    expect(there.code).to.equal(0)
    expect(JSON.parse(there.stdout).rows).to.include({ models: 2, releases: 3, tag_moves: 5 })
    expect((await readdir(folder)).sort()).to.deep.equal(['catalog.sqlite.moved', 'server.lock'])
    const back = await temporaryDirectory()
    expect(await migrate(['--from', database, '--to', back])).to.include({ code: 0 })
    const after = contentsOf(path.join(back, 'catalog.sqlite'))
    // Which move brought it is all that is new.
    expect(after['task_progress']).to.have.length(before['task_progress']!.length + 1)
    expect({ ...after, task_progress: before['task_progress'] }).to.deep.equal(before)
  })

  it('leaves a database that no server starts on by mistake, and that takes the catalog back', async () => {
    const database = await postgres.database()
    await migrate(['--from', await aFullDataDirectory(), '--to', database])
    const folder = await temporaryDirectory()
    expect(await migrate(['--from', database, '--to', folder])).to.include({ code: 0 })
    const env = { DATABASE_URL: database, SLIPWAY_PUBLISH_TOKEN: 'a-token-of-this-test' }
    const refusal = await startFailure(startServer({ env }))
    expect(refusal.outcome).to.equal(2)
    expect(refusal.stderr).to.contain(`the catalog of this database was moved to ${folder}`)
    const elsewhere = await migrate(['--from', database, '--to', await temporaryDirectory()])
    expect(elsewhere).to.include({ code: 10 })
    expect(elsewhere.stderr).to.contain(`was moved to ${folder} already`)
    expect(await migrate(['--from', folder, '--to', database])).to.include({ code: 0 })
    const server = await startServer({ env })
    expect((await fetch(`${server.url}/readyz`)).status).to.equal(200)
  })

  it('moves a catalog out of a database again where that was interrupted, to the same place', async () => {
    const database = await postgres.database()
    await migrate(['--from', await aFullDataDirectory(), '--to', database])
    const folder = await temporaryDirectory()
    // As a move that was killed after it had concluded, and before the file had its name.
    await administer(
      database,
      `insert into leases (name, holder, place, host, epoch, until) values ('moved-away', '', '${folder}', '', 0, 0)`,
    )
    expect(await migrate(['--from', database, '--to', folder])).to.include({ code: 0 })
    expect(contentsOf(path.join(folder, 'catalog.sqlite'))['releases']).to.have.length(3)
  })

  it('says what happened, and that nothing was moved, where the database goes away midway, and can be run again', async () => {
    const database = await postgres.database()
    await migrate(['--from', await aFullDataDirectory(), '--to', database])
    const client = new pg.Client({ connectionString: database })
    client.on('error', () => undefined)
    await client.connect()
    afterThisTest(() => client.end())
    await client.query('begin; lock table exports in access exclusive mode')
    const folder = await temporaryDirectory()
    const moving = migrate(['--from', database, '--to', folder])
    const waiting = `from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%exports%'`
    await eventually(
      'it copies',
      async () => (await administer(database, `select 1 ${waiting}`)).length > 0,
      60_000,
    )
    await administer(database, `select pg_terminate_backend(pid) ${waiting}`)
    const { code, stderr } = await moving
    expect(stderr).to.match(
      /^error: postgres:\/\/[^\n]* cannot be reached \([^\n]*\. Nothing was moved: run the same command again\.\n$/,
    )
    expect(code).to.equal(5)
    await client.query('rollback')
    expect(await migrate(['--from', database, '--to', folder])).to.include({ code: 0 })
  })

  it('moves nothing, and says why, where the database has other rows than were copied', async () => {
    const database = await postgres.database()
    const catalog = await openCatalogAt(database)
    await catalog.close()
    await administer(
      database,
      `create function keep() returns trigger language plpgsql as $$ begin new.notes := 'mine'; return new; end $$`,
    )
    await administer(
      database,
      'create trigger keep before insert on releases for each row execute function keep()',
    )
    const folder = await aFullDataDirectory()
    const { code, stderr } = await migrate(['--from', folder, '--to', database])
    expect(stderr).to.match(
      /^error: The copy is not what it was copied from \(table releases: [^\n]*\. Nothing was moved: run the same command again\.\n$/,
    )
    expect(code).to.equal(3)
    await administer(database, 'drop trigger keep on releases')
    expect(await migrate(['--from', folder, '--to', database])).to.include({ code: 0 })
  })

  it('goes on with the numbers, also where the last ones are gone', async () => {
    const folder = await aFullDataDirectory()
    const database = await postgres.database()
    await migrate(['--from', folder, '--to', database])
    const catalog = await openCatalogAt(database)
    const published = await catalog.write('shop', (writer) => writer.insertRelease(aRelease('shop', 'new')))
    expect(published).to.include({ number: 4, digest: digestOf('new') })
    const event = { at: 3, kind: 'runs', model: null, tag: null, bot: null, process: null, body: {} }
    await catalog.writeShared((writer) => writer.addEvents([event]))
    expect(await catalog.lastEventSequence()).to.equal(43)
  })

  it('is what a server over the database goes on with', async () => {
    const folder = await aFullDataDirectory()
    const database = await postgres.database()
    await migrate(['--from', folder, '--to', database])
    const token = 'a-token-of-this-test'
    const server = await startServer({ env: { DATABASE_URL: database, SLIPWAY_PUBLISH_TOKEN: token } })
    const tags = (await (
      await fetch(`${server.url}/api/v1/models/shop/tags`, { headers: { Authorization: `Bearer ${token}` } })
    ).json()) as { items: unknown[] }
    expect(tags.items).to.have.length(2)
    const refused = await migrate(['--from', await aFullDataDirectory(), '--to', database])
    expect(refused).to.include({ code: 5 })
    expect(refused.stderr).to.contain('A server runs over this database')
  })

  describe('refuses, and moves nothing,', () => {
    it('without two places, from nowhere, or to an address that is none', async () => {
      const folder = await aFullDataDirectory()
      expect(await migrate(['--from', folder])).to.include({ code: 2 })
      const nowhere = path.join(folder, 'nowhere')
      expect(await migrate(['--from', nowhere, '--to', await postgres.database()])).to.include({ code: 2 })
      expect(await migrate(['--from', folder, '--to', 'mysql://localhost/x'])).to.include({ code: 2 })
      expect(await migrate(['--from', folder, '--to', 'postgres://nobody@127.0.0.1:1/x'])).to.include({
        code: 5,
      })
      expect(existsSync(path.join(folder, 'catalog.sqlite'))).to.equal(true)
    })

    it('while a server runs on what is to be filled', async () => {
      const from = await aFullDataDirectory()
      const folder = await temporaryDirectory()
      await serveFolder(folder)
      const database = await postgres.database()
      expect(await migrate(['--from', from, '--to', database])).to.include({ code: 0 })
      expect(await migrate(['--from', database, '--to', folder])).to.include({ code: 3 })
    })

    it('where the target has models already', async () => {
      const database = await postgres.database()
      await migrate(['--from', await aFullDataDirectory(), '--to', database])
      const second = await aFullDataDirectory()
      expect(await migrate(['--from', second, '--to', database])).to.include({ code: 10 })
      expect(await migrate(['--from', database, '--to', second])).to.include({ code: 10 })
      expect(await administer(database, 'select count(*)::int as count from models')).to.deep.equal([
        { count: 2 },
      ])
      expect(existsSync(path.join(second, 'catalog.sqlite'))).to.equal(true)
    })
  })
})
