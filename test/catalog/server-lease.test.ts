import { expect } from 'chai'
import { Connections } from '../../server/catalog/postgres/connections.ts'
import { findConnector } from '../../server/catalog/postgres/open-pool.ts'
import { STANDARD_LIMITS } from '../../server/catalog/postgres/postgres-settings.ts'
import { ServerLease } from '../../server/catalog/postgres/server-lease.ts'
import { migrateCatalog } from '../../server/catalog/sql/migrate-catalog.ts'
import { settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

const WAITING = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

describe('the lease of a program that has a database for itself', function () {
  this.timeout(60_000)
  const postgres = withPostgres()

  it('is lost where it ended while its renewal waited for a lock: a server may have joined since', async () => {
    const database = await postgres.database()
    const connections = new Connections(
      await findConnector(settingsOf(database), STANDARD_LIMITS),
      STANDARD_LIMITS,
    )
    afterThisTest(() => connections.close())
    const [db, other] = [connections.open(2), connections.open(1)]
    await db.transaction().execute((transaction) => migrateCatalog(transaction, { schema: 'public' }))
    const timings = { duration: 2_000, renewal: 100 }
    const lease = await ServerLease.take(db, { holder: 'us', place: 'here', host: 'pod-1' }, timings)
    if (!(lease instanceof ServerLease)) throw new Error('It has no lease')
    afterThisTest(() => lease.release())
    const readEnd = () => db.selectFrom('leases').select('until').executeTakeFirstOrThrow()
    const end = await readEnd()
    const lost = Promise.withResolvers<true>()
    await other.transaction().execute(async (transaction) => {
      await transaction.selectFrom('leases').selectAll().forUpdate().execute()
      lease.keep(timings, () => {
        lost.resolve(true)
      })
      await eventually('the renewal waits', async () => (await administer(database, WAITING)).length > 0)
      await eventually('the lease has ended', async () => {
        const ended = `select 1 from leases where "until" < extract(epoch from clock_timestamp()) * 1000`
        return (await administer(database, ended)).length > 0
      })
    })
    expect(await lost.promise).to.equal(true)
    expect(await readEnd()).to.deep.equal(end)
  })
})
