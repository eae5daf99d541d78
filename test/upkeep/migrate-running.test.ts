import path from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { ConfigError } from '../../server/config/config.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { contentsOf } from '../support/a-full-catalog.ts'
import { openCatalogAt, withPostgres } from '../support/a-postgres-catalog.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { beginMigrate } from '../support/run-migrate.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, serveFolder } from './data-server.ts'

const DEADLINE = 60_000

describe('slipway migrate of a catalog that a server runs on', function () {
  this.timeout(240_000)
  const postgres = withPostgres()
  let dataDir: string
  let database: string

  beforeEach(async () => {
    dataDir = path.join(await temporaryDirectory(), 'data')
    database = await postgres.database()
  })

  const migrate = (from: string, to: string) => beginMigrate(from, to).ended

  const publish = async (url: string) => {
    const answer = await fetch(`${url}/models/shop`, { method: 'POST', body: Buffer.from(anArchive()) })
    return { status: answer.status, ...((await answer.json()) as { code?: string; detail?: string }) }
  }

  const isWritable = async (url: string) =>
    ((await (await fetch(`${url}/readyz`)).json()) as { writes?: boolean }).writes

  /** Has the database wait within the move: before its rows are in, or when it is told to keep them. @returns what ends that. */
  async function holdUp(when: 'in the middle' | 'at the commit'): Promise<(how?: 'end') => Promise<void>> {
    await (await openCatalogAt(database)).close()
    const trigger =
      when === 'in the middle'
        ? 'create trigger hold_up before insert on models'
        : 'create constraint trigger hold_up after insert on models deferrable initially deferred'
    await administer(
      database,
      `create schema held_up; create table held_up.now as select 1 as id;
      create function held_up.wait() returns trigger language plpgsql as $$ begin
        while exists (select from held_up.now) loop perform pg_sleep(0.1); end loop; return new; end $$;
      ${trigger} for each row execute function held_up.wait()`,
    )
    return async (how) => {
      if (how === 'end')
        await administer(
          database,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
        )
      await administer(database, 'delete from held_up.now')
      await eventually('nobody waits any more', async () => !(await isHeldUp()), DEADLINE)
      await administer(database, 'drop schema held_up cascade')
    }
  }

  const isHeldUp = async () => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
    return (await administer(database, waiting)).length > 0
  }

  it('goes on with pulls and takes no changes meanwhile and afterwards, and loses none', async () => {
    const { url, stop } = await serveFolder(dataDir)
    const { digest } = await publishTo(url, anArchive(), 'shop', '?tag=production')
    const work = new AbortController()
    const published: number[] = []
    const publishing = (async () => {
      while (!work.signal.aborted) {
        const answer = await fetch(`${url}/models/shop`, { method: 'POST', body: Buffer.from(anArchive()) })
        if (answer.status === 201) published.push(((await answer.json()) as { number: number }).number)
        else {
          expect(answer.status).to.equal(503)
          expect(await answer.json()).to.include({ code: 'catalog-unavailable' })
        }
      }
    })()
    const { code, stderr, stdout } = await migrate(dataDir, database)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
    expect(stdout).to.contain('start it with DATABASE_URL')
    work.abort()
    await publishing
    await eventually(
      'the server has seen that it was moved',
      async () => (await publish(url)).detail?.includes('was moved to postgres://'),
      DEADLINE,
    )
    expect((await fetch(`${url}/models/shop@production`)).headers.get('etag')).to.contain(digest)
    expect(await isWritable(url)).to.equal(false)
    await stop()
    expect(await rejection(serveFolder(dataDir))).to.be.instanceOf(ConfigError)
    const next = await serveFolder(dataDir, { DATABASE_URL: database })
    const numbers = (await releasesOf(next.url)).map(({ number }) => number)
    expect(numbers).to.include.members(published)
    expect((await publish(next.url)).status).to.equal(201)
    await next.stop()
    const back = await migrate(database, dataDir)
    expect(back.code, back.stderr).to.equal(0)
    const again = await serveFolder(dataDir)
    expect((await publish(again.url)).status).to.equal(201)
  })

  it('that is killed in the middle has changes taken again, and begins anew', async () => {
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    const letGo = await holdUp('in the middle')
    const { child, ended } = beginMigrate(dataDir, database)
    await eventually('it copies', isHeldUp, DEADLINE)
    expect((await publish(url)).detail).to.contain('is being moved to postgres://')
    const second = await migrate(dataDir, await postgres.database())
    expect(second.code).to.equal(3)
    expect(second.stderr).to.contain('Another slipway migrate')
    child.kill('SIGKILL')
    await ended
    await letGo('end')
    await eventually('changes are taken again', async () => (await publish(url)).status === 201, DEADLINE)
    expect(await administer(database, 'select model from models')).to.deep.equal([])
    await stop()
    const before = contentsOf(path.join(dataDir, 'catalog.sqlite'))
    expect(await migrate(dataDir, database)).to.include({ code: 0 })
    const [releases] = await administer(database, 'select count(*)::int as count from releases')
    expect(releases).to.deep.equal({ count: before['releases']!.length })
  })

  for (const [what, how] of [
    ['the database has not kept it', 'end'],
    ['the database keeps it all the same', undefined],
  ] as const) {
    it(`that is killed when ${what} is found by the next one, and nothing is changed until then`, async () => {
      const { url } = await serveFolder(dataDir)
      await publishTo(url, anArchive())
      const letGo = await holdUp('at the commit')
      const { child, ended } = beginMigrate(dataDir, database)
      await eventually('it commits', isHeldUp, DEADLINE)
      child.kill('SIGKILL')
      await ended
      await letGo(how)
      expect((await publish(url)).detail).to.contain('was moved to postgres://')
      const next = await migrate(dataDir, database)
      expect(next.code, next.stderr).to.equal(0)
      expect(next.stdout).to.contain(how === 'end' ? '1 releases of 1 models' : 'interrupted')
      expect(await administer(database, 'select number::int from releases')).to.deep.equal([{ number: 1 }])
    })
  }

  it('stays moved where the next one fails before the database has kept it, and is moved nowhere else', async () => {
    const { url } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    const letGo = await holdUp('at the commit')
    const { child, ended } = beginMigrate(dataDir, database)
    await eventually('it commits', isHeldUp, DEADLINE)
    child.kill('SIGKILL')
    await ended
    const failed = await migrate(dataDir, database)
    expect(failed.code).not.to.equal(0)
    await letGo()
    const elsewhere = await migrate(dataDir, await postgres.database())
    expect(elsewhere.code).to.equal(10)
    expect(elsewhere.stderr).to.contain('was moved to postgres://')
    const { status, detail } = await publish(url)
    expect(status).to.equal(503)
    expect(detail).to.contain('was moved to postgres://')
    const next = await migrate(dataDir, database)
    expect(next.code, next.stderr).to.equal(0)
    expect(next.stdout).to.contain('interrupted')
  })

  it('gives up where the database fails, and where something writes that knows nothing of moves', async () => {
    const { url } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    const letGo = await holdUp('in the middle')
    const broken = beginMigrate(dataDir, database)
    await eventually('it copies', isHeldUp, DEADLINE)
    await letGo('end')
    expect(await broken.ended).to.include({ code: 5 })
    await eventually('changes are taken again', async () => (await publish(url)).status === 201, DEADLINE)

    const letGoAgain = await holdUp('in the middle')
    const written = beginMigrate(dataDir, database)
    await eventually('it copies', isHeldUp, DEADLINE)
    const other = new Database(path.join(dataDir, 'catalog.sqlite'))
    other.exec("update models set created_at = 'another'")
    other.close()
    await letGoAgain()
    const outcome = await written.ended
    expect(outcome.code).to.equal(3)
    expect(outcome.stderr).to.contain('Something wrote into the catalog')
    expect(await administer(database, 'select model from models')).to.deep.equal([])
    await eventually('changes are taken again', async () => (await publish(url)).status === 201, DEADLINE)
  })
})
