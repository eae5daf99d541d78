import { mkdir, readdir, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import { DatabaseMove } from '../../server/catalog/postgres/database-move.ts'
import { ConfigError } from '../../server/config/config.ts'
import { version } from '../../server/config/version.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { contentsOf } from '../support/a-full-catalog.ts'
import { settingsOf } from '../support/a-postgres-catalog.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { onlyInLongForm } from '../support/long-form.ts'
import { PollingBot } from '../support/polling-bot.ts'
import { beginMigrate } from '../support/run-migrate.ts'
import { withServerGroups, type GroupUnderTest } from '../support/server-group.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, serveFolder } from './data-server.ts'

const DEADLINE = 60_000

describe('slipway migrate of a catalog in a database that servers run over', function () {
  this.timeout(240_000)
  const groups = withServerGroups()
  let group: GroupUnderTest
  let target: string

  beforeEach(async () => {
    group = await groups.group()
    target = path.join(await temporaryDirectory(), 'data')
  })

  const serve = async () => serveFolder(await temporaryDirectory(), group.env)
  const migrate = (from: string, to: string) => beginMigrate(from, to).ended

  const publish = async (url: string) => {
    const answer = await fetch(`${url}/models/shop`, { method: 'POST', body: Buffer.from(anArchive()) })
    const retryAfter = answer.headers.get('retry-after')
    const body = (await answer.json()) as { code?: string; detail?: string; number?: number }
    return { status: answer.status, retryAfter, ...body }
  }

  const promote = async (url: string, release: number) => {
    const answer = await fetch(`${url}/api/v1/models/shop/tags/production`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ release, reason: `to ${release}` }),
    })
    await answer.arrayBuffer()
    return answer.status
  }

  const takesChanges = (url: string) =>
    eventually('changes are taken', async () => (await publish(url)).status === 201, DEADLINE)

  const refusesAs = (url: string, words: string) =>
    eventually(
      `it says that it ${words}`,
      async () => {
        const answer = await fetch(`${url}/readyz`)
        const { pulls, writes, reason } = (await answer.json()) as Record<string, unknown>
        return answer.status === 200 && pulls === true && writes === false && String(reason).includes(words)
      },
      DEADLINE,
    )

  const refusesToPublish = (url: string, words: string) =>
    eventually(
      `publishing is refused, as it ${words}`,
      async () => {
        const { code, detail } = await publish(url)
        return code === 'catalog-unavailable' && detail?.includes(words)
      },
      DEADLINE,
    )

  /** Has a move wait while it copies. @returns what lets it go on. */
  async function holdUp(): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: group.database })
    client.on('error', () => undefined)
    await client.connect()
    afterThisTest(() => client.end())
    // Servers that export nothing do without.
    await client.query('begin; lock table exports in access exclusive mode')
    return async () => {
      await client.query('rollback')
    }
  }

  const isHeldUp = async () => {
    const waiting = `select 1 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like '%exports%'`
    return (await administer(group.database, waiting)).length > 0
  }

  const rowsOf = (table: string) =>
    contentsOf(path.join(target, 'catalog.sqlite'))[table]!.map(
      (row) => JSON.parse(row) as Record<string, unknown>,
    )

  it('moves it once where two begin at once', async () => {
    const server = await serve()
    expect((await publish(server.url)).status).to.equal(201)
    const other = path.join(await temporaryDirectory(), 'data')
    const ends = await Promise.all([migrate(group.database, target), migrate(group.database, other)])
    // It is told so at once, or once it has waited for the other one.
    const refused = ends.filter(({ code }) => code === 10)
    expect(ends.filter(({ code }) => code === 0)).to.have.length(1)
    expect(refused.map(({ stderr }) => stderr).join()).to.contain('was moved to')
    await refusesAs(server.url, `moved to ${ends[0].code === 0 ? target : other}`)
  })

  it('has them go on with pulls and take no changes meanwhile and afterwards, and loses none', async () => {
    const servers = await Promise.all([group.start(), group.start(), group.start()])
    const archive = anArchive()
    const digest = await eventually(
      'a first release is published',
      async () =>
        (await publishTo(servers[0].url, archive, 'shop', '?tag=live').catch(() => undefined))?.digest,
      DEADLINE,
    )
    const bot = new PollingBot(`${servers[1].url}/models/shop@live`, 'pod-1')
    await eventually('a bot has it', async () => (await bot.poll()) === 200, DEADLINE)
    const work = new AbortController()
    const published: number[] = []
    const promoted: string[] = []
    const publishing = servers.map(async (server) => {
      while (!work.signal.aborted) {
        const { status, number = 0, retryAfter } = await publish(server.url)
        if (status === 201 || status === 200) published.push(number)
        else {
          expect(status).to.equal(503)
          expect(Number(retryAfter)).to.be.greaterThan(0)
          continue
        }
        const move = await promote(server.url, number)
        if (move < 300) promoted.push(`to ${number}`)
        else expect(move).to.equal(503)
      }
    })
    await eventually('there is something to move', () => promoted.length > 10, DEADLINE)
    const { code, stderr, stdout } = await migrate(group.database, target)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
    expect(stdout).to.contain(`start it with DATA_DIR=${target} and without DATABASE_URL`)
    for (const server of servers) await refusesAs(server.url, `was moved to ${target}`)
    work.abort()
    await Promise.all(publishing)
    expect(rowsOf('releases').map(({ number }) => number)).to.include.members(published)
    expect(rowsOf('tag_moves').map(({ reason }) => reason)).to.include.members(promoted)
    for (const server of servers)
      expect((await fetch(`${server.url}/models/shop@live`)).headers.get('etag')).to.contain(digest)
    expect(await bot.poll()).to.equal(304)
    const refusal = await rejection(serve())
    expect(refusal).to.be.instanceOf(ConfigError)
    expect(refusal.message).to.contain(`was moved to ${target}: start the server there`)
  })

  it('that is killed in the middle has changes taken again by itself, and begins anew', async () => {
    const { url } = await serve()
    await takesChanges(url)
    const letGo = await holdUp()
    const { child, ended } = beginMigrate(group.database, target)
    await eventually('it copies', isHeldUp, DEADLINE)
    await refusesToPublish(url, `is being moved to ${target}`)
    await refusesAs(url, 'is being moved to')
    const second = await migrate(group.database, `${target}-elsewhere`)
    expect(second.code).to.equal(5)
    expect(second.stderr).to.contain('nother program has this database for itself')
    child.kill('SIGKILL')
    await ended
    await letGo()
    await takesChanges(url)
    const released = (await releasesOf(url)).length
    const again = await migrate(group.database, target)
    expect(again.code, again.stderr).to.equal(0)
    expect(rowsOf('releases')).to.have.length(released)
    expect(await readdir(target)).to.have.members(['catalog.sqlite', 'server.lock'])
  })

  it('that sleeps until servers took changes again moves nothing', async function () {
    onlyInLongForm(this, 'the other interruptions of a move')
    const { url } = await serve()
    await takesChanges(url)
    const letGo = await holdUp()
    const { child, ended } = beginMigrate(group.database, target)
    await eventually('it copies', isHeldUp, DEADLINE)
    child.kill('SIGSTOP')
    await takesChanges(url)
    child.kill('SIGCONT')
    await letGo()
    const { code, stderr } = await ended
    expect(stderr).to.contain('this program slept').and.to.contain('Nothing was moved')
    expect(code).to.equal(5)
    await takesChanges(url)
    const released = (await releasesOf(url)).length
    expect(await migrate(group.database, target)).to.include({ code: 0 })
    expect(rowsOf('releases')).to.have.length(released)
  })

  it('goes on refusing changes where it waited for one for longer than its lease is good', async function () {
    onlyInLongForm(this, 'a wait that is longer than a lease')
    const { url } = await serve()
    await takesChanges(url)
    // As a write has it.
    const writing = new pg.Client({ connectionString: group.database })
    afterThisTest(() => writing.end())
    await writing.connect()
    await writing.query('begin; select id from servers for key share')
    const move = await DatabaseMove.open(settingsOf(group.database))
    afterThisTest(() => move.close())
    const begun = move.begin(target, version)
    const ended = `select 1 from leases where name = 'server' and until > 0
      and until + 6000 < extract(epoch from clock_timestamp()) * 1000`
    await eventually(
      'the lease has ended, and what its renewal asked for, too',
      async () => (await administer(group.database, ended)).length > 0,
      DEADLINE,
    )
    await writing.query('commit')
    await begun
    expect((await publish(url)).detail).to.contain(`is being moved to ${target}`)
    await move.conclude()
  })

  it('that is killed when nothing can be changed any more is done by the next one to the same place alone', async () => {
    const { url, stop } = await serve()
    await takesChanges(url)
    const killed = await DatabaseMove.open(settingsOf(group.database))
    await killed.begin(target, version)
    await killed.conclude()
    await killed.close()
    await refusesAs(url, 'was moved to')
    await refusesToPublish(url, 'run slipway migrate again')
    await stop()
    expect(await rejection(serve())).to.be.instanceOf(ConfigError)
    expect(await migrate(group.database, `${target}-elsewhere`)).to.include({ code: 10 })
    const next = await migrate(group.database, target)
    expect(next.code, next.stderr).to.equal(0)
    expect(next.stdout).to.contain('of 1 models')
  })

  it('into another database that is killed after all was there is found by the next one', async function () {
    onlyInLongForm(this, 'the other interruptions of a move')
    const { url } = await serve()
    await takesChanges(url)
    const elsewhere = await groups.database()
    expect(await migrate(group.database, elsewhere)).to.include({ code: 0 })
    const again = await migrate(group.database, elsewhere)
    expect(again.code, again.stderr).to.equal(0)
    expect(again.stdout).to.contain('as the move that was interrupted had left it')
    await refusesAs(url, 'start the server with that DATABASE_URL')
  })

  it('into a folder that fails in the last step is done by the next one, and goes back where it came from', async function () {
    onlyInLongForm(this, 'the other interruptions of a move')
    const { url, stop } = await serve()
    await takesChanges(url)
    const letGo = await holdUp()
    const { ended } = beginMigrate(group.database, target)
    await eventually('it copies', isHeldUp, DEADLINE)
    // Nothing can be put there.
    await mkdir(path.join(target, 'catalog.sqlite'))
    await letGo()
    const { code, stderr } = await ended
    expect(code).to.equal(3)
    expect(stderr).to.contain('Run the same command again: until then nothing can be changed.')
    await refusesAs(url, 'was moved to')
    await rmdir(path.join(target, 'catalog.sqlite'))
    const moved = await migrate(group.database, target)
    expect(moved.code, moved.stderr).to.equal(0)
    await stop()
    const back = await migrate(target, group.database)
    expect(back.code, back.stderr).to.equal(0)
    const next = await serve()
    expect(await releasesOf(next.url)).not.to.have.length(0)
    await takesChanges(next.url)
  })

  it('is refused where a server of another version runs, which may know nothing of moves', async () => {
    const { url } = await serve()
    await takesChanges(url)
    await administer(group.database, `update servers set version = '0.0.1'`)
    const { code, stderr } = await migrate(group.database, target)
    expect(stderr).to.contain('erver of another version (0.0.1').and.to.contain('stop it first')
    expect(code).to.equal(5)
    await takesChanges(url)
  })
})
