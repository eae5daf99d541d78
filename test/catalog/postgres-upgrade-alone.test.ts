import { expect } from 'chai'
import { migrations } from '../../server/catalog/migrations/index.ts'
import { Connections } from '../../server/catalog/postgres/connections.ts'
import { takeAlone } from '../../server/catalog/postgres/join-group.ts'
import { noteMovedAway } from '../../server/catalog/postgres/moved-away.ts'
import { findConnector } from '../../server/catalog/postgres/open-pool.ts'
import { openPostgresCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import { STANDARD_LIMITS } from '../../server/catalog/postgres/postgres-settings.ts'
import { ServerLease } from '../../server/catalog/postgres/server-lease.ts'
import { ServerRegistry } from '../../server/catalog/postgres/server-registry.ts'
import { migrateCatalog } from '../../server/catalog/sql/migrate-catalog.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { openCatalogAt, settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const [EARLIER = '', NEWEST = ''] = Object.keys(migrations).slice(-2)

const SERVER = { id: 'new', place: 'here', host: 'pod-2', version: '2', storage: bucket('a bucket') }

const OLD_SERVER = {
  id: 'old',
  place: 'there',
  host: 'pod-1',
  version: '1',
  storage: bucket('a bucket'),
}

const TIMINGS = { alive: 15_000, heartbeat: 200 }

const LEASE = { duration: 15_000, renewal: 200 }

describe('tables of an earlier version, as a newer program comes to them,', function () {
  this.timeout(120_000)
  const postgres = withPostgres()

  const anEarlierDatabase = async () => {
    const database = await postgres.database()
    const limits = STANDARD_LIMITS
    const connections = new Connections(await findConnector(settingsOf(database), limits), limits)
    afterThisTest(() => connections.close())
    const [db, beside] = [connections.open(2), connections.open(2)]
    await db.transaction().execute((transaction) => {
      return migrateCatalog(transaction, { schema: 'public', upTo: EARLIER })
    })
    const lastMigration = async () =>
      (await administer(database, 'select max(name) as name from kysely_migration'))[0]?.['name']
    const join = (server = SERVER) => openPostgresCatalog(settingsOf(database), { server, timings: TIMINGS })
    /** A server of the version before, that runs until the current test has ended. */
    const run = async () => {
      const registry = await ServerRegistry.join(beside, OLD_SERVER, TIMINGS)
      if (!(registry instanceof ServerRegistry)) throw new Error(`It cannot join: ${registry.kind}`)
      registry.keep(() => undefined)
      afterThisTest(() => registry.leave())
    }
    const workAlone = async (host: string) => {
      const lease = await ServerLease.take(beside, { holder: host, place: host, host }, LEASE)
      if (!(lease instanceof ServerLease)) throw new Error('It has no lease')
      lease.keep(LEASE, () => undefined)
      afterThisTest(() => lease.release())
      return lease
    }
    return { database, db, beside, lastMigration, join, run, workAlone }
  }

  it('stay as they are while a move or a restore has them alone, and are brought up to date by the next start', async () => {
    const { lastMigration, join, workAlone } = await anEarlierDatabase()
    const lease = await workAlone('pod-0, slipway migrate')
    expect((await rejection(join())).message).to.contain('for itself (on pod-0, slipway migrate)')
    expect(await lastMigration()).to.equal(EARLIER)
    await lease.release()
    await (await join()).close()
    expect(await lastMigration()).to.equal(NEWEST)
  })

  it('stay as they are for a tool that runs beside servers, while a move or a restore has them alone', async () => {
    const { database, lastMigration, workAlone } = await anEarlierDatabase()
    await workAlone('pod-0, slipway restore')
    expect((await rejection(openPostgresCatalog(settingsOf(database)))).message).to.contain('pod-0')
    expect(await lastMigration()).to.equal(EARLIER)
  })

  it('stay as they are where the catalog was moved away: the earlier version may have to run that move again', async () => {
    const { db, lastMigration, join } = await anEarlierDatabase()
    await noteMovedAway(db, { to: 'elsewhere', id: 'a-move' })
    expect((await rejection(join())).message).to.contain('was moved to elsewhere')
    expect(await lastMigration()).to.equal(EARLIER)
  })

  it('stay as they are where the server is refused, as those that run keep archives elsewhere', async () => {
    const { lastMigration, join, run } = await anEarlierDatabase()
    await run()
    const refusal = await rejection(join({ ...SERVER, storage: bucket('another bucket') }))
    expect(refusal.message).to.contain('keeps archives elsewhere (a bucket)')
    expect(await lastMigration()).to.equal(EARLIER)
  })

  it('stay as they are where a tool wants them alone, and servers run', async () => {
    const { db, beside, lastMigration, run } = await anEarlierDatabase()
    await run()
    const us = { holder: 'us', place: 'us', host: 'pod-3' }
    const refusal = await rejection(takeAlone(db, beside, us, { lease: LEASE, registry: TIMINGS }))
    expect(refusal.message).to.contain('a server runs over this database (on pod-1)')
    expect(await lastMigration()).to.equal(EARLIER)
  })

  it('are brought up to date beside servers of the version before', async () => {
    const { database, lastMigration, join, run } = await anEarlierDatabase()
    await run()
    const catalog = await join()
    expect(await lastMigration()).to.equal(NEWEST)
    expect(await administer(database, 'select id from servers order by id')).to.deep.equal([
      { id: 'new' },
      { id: 'old' },
    ])
    await catalog.close()
  })

  it('are brought up to date by a server that comes again, whose former process ended without a word', async () => {
    const { lastMigration, run, database } = await anEarlierDatabase()
    await run()
    const server = { ...SERVER, place: OLD_SERVER.place, storage: { name: 'files', isShared: false } }
    await openCatalogAt(database, { server, timings: TIMINGS })
    expect(await lastMigration()).to.equal(NEWEST)
  })
})

function bucket(name: string) {
  return { name, isShared: true }
}
