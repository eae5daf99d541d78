import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import pg from 'pg'
import type { Catalog } from '../../server/catalog/catalog.ts'
import { openPostgresCatalog, openSharedCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import { publish, rejection } from '../contracts/catalog-support.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('PostgresCatalog, when things go wrong', () => {
  const postgres = withPostgres()

  it('does a transaction once more, from its beginning, after a deadlock', async () => {
    const catalog = await postgres.catalog()
    const digests = ['a', 'b'] as const
    await catalog.writeShared((writer) => writer.noteUnusedBlobs(digests, '1'))
    let attempts = 0
    let locked = 0
    const inOrder = (first: string, second: string) =>
      catalog.writeShared(async (writer) => {
        attempts++
        await writer.forgetUnusedBlobs([first])
        locked++
        await eventually('both have their first lock', () => locked >= 2)
        await writer.forgetUnusedBlobs([second])
      })
    await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')])
    expect(attempts).to.be.above(2)
    expect(await catalog.listUnusedBlobs('9', 9)).to.deep.equal([])
  })

  it('keeps texts that Postgres cannot hold as they are', async () => {
    const catalog = await postgres.catalog()
    await publish(catalog, 'shop', 'one')
    await catalog.write('shop', (writer) => writer.updateNotes('shop', 1, 'a\0b'))
    expect((await catalog.findRelease('shop', 1))?.notes).to.equal('a\uFFFDb')
  })

  it('is busy where another transaction has the model for too long, and changes nothing', async () => {
    const catalog = await openCatalogAt(await postgres.database(), { limits: { lock: 100 } })
    await publish(catalog, 'shop', 'one')
    let release: () => void = () => undefined
    let isHeld = false
    const held = catalog.write('shop', async () => {
      isHeld = true
      await new Promise<void>((resolve) => (release = resolve))
    })
    await eventually('the first has the model', () => isHeld)
    expect(await rejection(publish(catalog, 'shop', 'two'))).to.include({ code: 'catalog-busy' })
    release()
    await held
    expect(await publish(catalog, 'shop', 'three')).to.include({ number: 2 })
  })

  it('leaves no session behind in the database where a table is locked for longer than it waits', async () => {
    const database = await postgres.database()
    const catalog = await openCatalogAt(database, { limits: { answer: 300 } })
    const others = new pg.Client({ connectionString: database })
    await others.connect()
    afterThisTest(() => others.end())
    await others.query('begin; lock table models')
    for (let reads = 0; reads < 3; reads++)
      expect(await rejection(catalog.findModel('shop'))).to.include({ code: 'catalog-unavailable' })
    const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    await eventually('nobody waits for the lock', async () => (await others.query(waiting)).rowCount === 0)
    await others.query('rollback')
    expect(await publish(catalog, 'shop', 'one')).to.include({ number: 1 })
  })

  it('goes on after its connections were ended', async () => {
    const database = await postgres.database()
    const catalog = await openCatalogAt(database)
    await publish(catalog, 'shop', 'one')
    await administer(
      postgres.url(),
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(database).pathname.slice(1)}'`,
    )
    await eventually('it reads again', () => catalog.findModel('shop').catch(() => false))
    const published = await eventually('it writes again', () =>
      publish(catalog, 'shop', 'two').catch(() => false),
    )
    expect(published).to.include({ number: 2 })
  })

  it('takes no writes while its administrator has it read-only, by whichever session, and takes them again', async () => {
    const database = await postgres.database()
    const name = new URL(database).pathname.slice(1)
    const catalog = await openCatalogAt(database)
    const refused = async () => {
      const error = await rejection(publish(catalog, 'shop', 'another'))
      expect(error).to.include({ code: 'catalog-unavailable' })
      expect(error.message).to.contain('default_transaction_read_only')
      expect(await catalog.countReleases('shop')).to.equal(1)
    }
    await publish(catalog, 'shop', 'one')
    await administer(postgres.url(), `alter database ${name} set default_transaction_read_only = on`)
    await refused()
    await administer(
      postgres.url(),
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    )
    await eventually('it reads again', () => catalog.findModel('shop').catch(() => false))
    await refused()
    await administer(postgres.url(), `alter database ${name} reset default_transaction_read_only`)
    const published = await eventually('it writes again', () =>
      publish(catalog, 'shop', 'two').catch(() => false),
    )
    expect(published).to.include({ number: 2 })
  })

  describe('where the answer to a COMMIT is lost', () => {
    const COMMIT = 'commit\0'

    const behindProxy = async (
      limits = {},
    ): Promise<{ catalog: Catalog; beside: Catalog; proxy: FaultProxy }> => {
      const url = new URL(await postgres.database())
      const beside = await openCatalogAt(url.href)
      const proxy = await startFaultProxy(Number(url.port))
      afterThisTest(() => proxy.stop())
      url.port = String(proxy.port)
      const catalog = await openCatalogAt(url.href, { limits })
      await publish(catalog, 'shop', 'one')
      return { catalog, beside, proxy }
    }

    it('a change that was made is a success, and made once', async () => {
      const { catalog, beside, proxy } = await behindProxy()
      proxy.inject({ kind: 'lose-answer', to: COMMIT }, 1)
      expect(await publish(catalog, 'shop', 'two')).to.include({ number: 2 })
      expect(proxy.strikes()).to.equal(1)
      expect(await beside.countReleases('shop')).to.equal(2)
    })

    it('a change that was not made is a failure, and not made later', async () => {
      const { catalog, beside, proxy } = await behindProxy()
      proxy.inject({ kind: 'lose', text: COMMIT }, 1)
      expect(await rejection(publish(catalog, 'shop', 'two'))).to.include({ code: 'catalog-unavailable' })
      expect(await beside.countReleases('shop')).to.equal(1)
      expect(await publish(catalog, 'shop', 'three')).to.include({ number: 2 })
    })

    it('and that to the question what became of it, too, a change that was not made is no success', async () => {
      const { catalog, beside, proxy } = await behindProxy()
      proxy.inject({ kind: 'lose', text: COMMIT }, 1, {
        kind: 'lose-answer',
        to: 'on conflict (id) do nothing',
      })
      const publishing = publish(catalog, 'shop', 'two').catch((error: unknown) => error)
      await eventually('it was asked what became of it', () => proxy.strikes() >= 2)
      proxy.heal()
      expect(await publishing).to.include({ code: 'catalog-unavailable' })
      expect(await beside.countReleases('shop')).to.equal(1)
    })

    it('and the database stays away, nobody is told that nothing was changed', async () => {
      const { catalog, beside, proxy } = await behindProxy({ lookUp: 300 })
      proxy.inject({ kind: 'lose-answer', to: COMMIT }, 1, { kind: 'refuse' })
      const refusal = await rejection(publish(catalog, 'shop', 'two'))
      expect(refusal).to.include({ code: 'catalog-unavailable' })
      expect(refusal.message).to.contain('whether it did is not known')
      expect(await beside.countReleases('shop')).to.equal(2)
    })
  })

  describe('with a database of its own', () => {
    const limits = { connect: 500, statement: 500, lock: 300, idle: 500, answer: 700, lookUp: 700 }

    it('refuses within its own time while the database is stopped, and goes on when it is not', async function () {
      this.timeout(60_000)
      const server = await startPostgres(this)
      afterThisTest(() => server.stop())
      const catalog = await openPostgresCatalog(settingsOf(server.url), { limits })
      afterThisTest(() => catalog.close())
      await publish(catalog, 'shop', 'one')
      await server.signal('SIGSTOP')
      const refusals = await Promise.all([
        rejection(catalog.findModel('shop')),
        rejection(publish(catalog, 'shop', 'two')),
      ])
      expect(refusals.map(({ code }) => code)).to.deep.equal(['catalog-unavailable', 'catalog-unavailable'])
      await server.signal('SIGCONT')
      await eventually('it writes again', () => publish(catalog, 'shop', 'three').catch(() => false))
    })

    it('takes no writes where it has become a standby, and takes them again as the primary', async function () {
      this.timeout(300_000)
      const server = await startPostgres(this)
      afterThisTest(() => server.stop())
      const { catalog, readState } = await openSharedCatalog(settingsOf(server.url))
      afterThisTest(() => catalog.close())
      await publish(catalog, 'shop', 'one')
      const before = await readState()
      expect(before.refusal).to.equal(undefined)
      const answering = async () => {
        const answers = [
          await catalog.listRevisions(),
          await catalog.listFleetRevisions(),
          await catalog.listTokensChangedAfter(0),
        ]
        return answers.map(({ database }) => database)
      }
      expect(await answering()).to.deep.equal([before.began, before.began, before.began])
      await appendFile(path.join(server.folder, 'data/standby.signal'), '')
      await server.restart()
      await eventually('it reads again', () => catalog.findModel('shop').catch(() => false), 60_000)
      const refusal = await eventually(
        'it is refused by the database',
        async () => {
          const error = await rejection(publish(catalog, 'shop', 'two'))
          expect(error).to.include({ code: 'catalog-unavailable' })
          return error.message.includes('it is a standby') && error
        },
        60_000,
      )
      const standby = await readState()
      expect([standby.refusal?.message, standby.began]).to.deep.equal([refusal.message, undefined])
      expect(await answering()).to.deep.equal([undefined, undefined, undefined])
      await administer(server.url, 'select pg_promote()')
      await eventually('it writes again', () => publish(catalog, 'shop', 'three').catch(() => false), 60_000)
      const after = await readState()
      expect(after.refusal).to.equal(undefined)
      expect(after.began).to.be.a('string').and.not.equal(before.began)
      expect(await answering()).to.deep.equal([after.began, after.began, after.began])
    })

    it('loses nothing of what was written when the database ends without a word', async function () {
      this.timeout(60_000)
      const server = await startPostgres(this)
      afterThisTest(() => server.stop())
      const catalog = await openPostgresCatalog(settingsOf(server.url), { limits })
      afterThisTest(() => catalog.close())
      await publish(catalog, 'shop', 'one')
      await server.kill()
      expect(await rejection(publish(catalog, 'shop', 'two'))).to.include({ code: 'catalog-unavailable' })
      await server.start()
      await eventually('it reads again', () => catalog.findModel('shop').catch(() => false))
      expect(await catalog.countReleases('shop')).to.equal(1)
    })
  })
})
