import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { openSharedCatalog } from '../../server/catalog/postgres/postgres-catalog.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { settingsOf, withPostgres } from '../support/a-postgres-catalog.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { administer } from '../support/services/shared-postgres.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('the servers over one database, as each of them lists them', function () {
  this.timeout(120_000)
  const postgres = withPostgres()

  /**
   * Waits until a server that was heard so many milliseconds ago, and had compared 300 ms before that, is said to be so far behind: the
   * clock goes on between being written and being read, by little as a rule, and by much where the machine is busy.
   */
  const awaitBehind = async (silence: number, isExpected: (behind: number) => boolean): Promise<void> => {
    const database = await postgres.database()
    const server = { id: randomUUID(), place: 'here', host: 'a', version: '1', storage: SHARED }
    const { catalog, group } = await openSharedCatalog(settingsOf(database), { server })
    afterThisTest(() => catalog.close())
    await eventually('it is behind as expected', async () => {
      await administer(
        database,
        `with clock as (select (extract(epoch from clock_timestamp()) * 1000)::bigint - ${silence} as seen)
          insert into servers (id, place, host, address, version, storage, started_at, seen_at, compared_at)
          select 'other', 'there', 'b', '', '1', 'a bucket', seen, seen, seen - 300 from clock
          on conflict (id) do update set seen_at = excluded.seen_at, compared_at = excluded.compared_at`,
      )
      const behind = (await group?.list())?.find(({ id }) => id === 'other')?.behind
      return behind !== undefined && isExpected(behind)
    })
  }

  it('are not behind between two heartbeats, as they go on comparing', async () => {
    await awaitBehind(4_000, (behind) => behind === 300)
  })

  it('are behind by all the time since the heartbeat that did not come', async () => {
    await awaitBehind(60_000, (behind) => behind >= 54_300 && behind < 60_300)
  })

  it('are told of for a day after they ended without a word', async () => {
    const database = await postgres.database()
    await (await openSharedCatalog(settingsOf(database))).catalog.close()
    await administer(
      database,
      `insert into servers (id, place, host, address, version, storage, started_at, seen_at, compared_at)
        select hours || ' hours ago', hours::text, 'b', '', '1', 'a bucket', seen, seen, seen from unnest(array[23, 25]) as hours,
          lateral (select ((extract(epoch from clock_timestamp()) - hours * 3600) * 1000)::bigint as seen) as moments`,
    )
    const server = { id: 'self', place: 'here', host: 'a', version: '1', storage: SHARED }
    const timings = { alive: 15_000, heartbeat: 20 }
    const { catalog } = await openSharedCatalog(settingsOf(database), { server, timings })
    afterThisTest(() => catalog.close())
    await eventually('one is forgotten', async () => {
      const ids = (await administer(database, 'select id from servers order by id')).map(({ id }) => id)
      if (ids.length === 2) expect(ids).to.deep.equal(['23 hours ago', 'self'])
      return ids.length === 2
    })
  })

  it('do not begin where the database did not say which one it is: they would take their bucket for that of another one', async () => {
    const database = await postgres.database()
    const address = new URL(database)
    const proxy = await startFaultProxy(Number(address.port))
    afterThisTest(() => proxy.stop())
    address.host = `127.0.0.1:${proxy.port}`
    proxy.inject({ kind: 'lose', text: 'pg_control_system' })
    const server = { id: randomUUID(), place: 'here', host: 'a', version: '1', storage: SHARED }
    await rejection(openSharedCatalog(settingsOf(address.href), { server }))
    expect(proxy.strikes()).to.be.above(0)
  })
})

const SHARED = { name: 'a bucket', isShared: true }
